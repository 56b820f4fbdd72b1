#include "producer/gateway/core/routes.hpp"

#include <array>
#include <optional>
#include <string>

namespace penstock::gateway {
namespace {

struct Row {
    std::string_view path;
    Route route;
};

constexpr std::array<Row, 5> rows{{
    {"/process", Route::process},
    {"/upload", Route::upload},
    {"/healthz", Route::health},
    {"/livez", Route::live},
    {"/readyz", Route::ready},
}};

constexpr std::string_view tasks_path = "/v1/tasks/";
constexpr std::string_view result_path = "/result";

std::optional<Match> match_task(std::string_view path) {
    if (!path.starts_with(tasks_path)) {
        return std::nullopt;
    }
    path.remove_prefix(tasks_path.size());
    const bool result = path.ends_with(result_path);
    if (result) {
        path.remove_suffix(result_path.size());
    }
    const Result<TaskId> id = parse_task_id(path);
    if (!id) {
        return std::nullopt;
    }
    return Match{result ? Route::task_result : Route::task, *id};
}

std::optional<Match> match_path(std::string_view path) {
    for (const Row& row : rows) {
        if (row.path == path) {
            return Match{row.route};
        }
    }
    return match_task(path);
}

}  // namespace

bool has_body(Route route) {
    return route == Route::process || route == Route::upload;
}

Answered<Match> find_route(std::string_view method, std::string_view path) {
    const std::optional<Match> match = match_path(path);
    if (!match) {
        return refuse(404, "not_found",
                      "no such address; there are POST /process, POST /upload, GET "
                      "/v1/tasks/ID and /v1/tasks/ID/result, GET /healthz, /livez and /readyz");
    }
    const bool reads = method == "GET" || method == "HEAD";
    const bool posts = method == "POST";
    if (has_body(match->route) ? posts : reads) {
        return *match;
    }
    Problem problem{405, "method_not_allowed",
                    "not with this method; see the header Allow for what is possible"};
    problem.allow = has_body(match->route) ? "POST" : "GET, HEAD";
    return tl::unexpected(std::move(problem));
}

}  // namespace penstock::gateway
