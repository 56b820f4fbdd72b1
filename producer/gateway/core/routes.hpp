// Which method and path lead where.
//
// Thread rule: values.
#pragma once

#include <cstdint>
#include <string_view>

#include "common/model/ids.hpp"
#include "producer/gateway/core/problem.hpp"

namespace penstock::gateway {

enum class Route : std::uint8_t { process, upload, health, live, ready, task, task_result };

struct Match {
    Route route = Route::health;
    TaskId task{};  // of Route::task and Route::task_result

    friend bool operator==(const Match&, const Match&) = default;
};

// 404 for a path that leads nowhere, 405 with what is allowed for another method.
[[nodiscard]] Answered<Match> find_route(std::string_view method, std::string_view path);

// Whether the route takes a body.
[[nodiscard]] bool has_body(Route route);

}  // namespace penstock::gateway
