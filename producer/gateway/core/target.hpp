// The target of a request, "/upload?width=300", taken apart.
//
// Thread rule: values.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "producer/gateway/core/problem.hpp"

namespace penstock::gateway {

struct Target {
    std::string path;                                        // decoded
    std::vector<std::pair<std::string, std::string>> query;  // decoded, in order
};

// Reads a target as it stands in the request line; the absolute form of proxies, too. Percent
// escapes that are none, zero bytes and too many pairs are 400.
[[nodiscard]] Answered<Target> parse_target(std::string_view text);

}  // namespace penstock::gateway
