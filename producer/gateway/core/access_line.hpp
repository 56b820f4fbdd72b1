// One line of the access log.
//
// Thread rule: values.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace penstock::gateway {

struct Access {
    std::int64_t unix_ms = 0;  // when the request line was there
    std::string remote;
    std::string method;
    std::string target;
    int status = 0;                    // 499: the caller had gone before there was an answer
    std::uint64_t received_bytes = 0;  // of the body
    std::uint64_t sent_bytes = 0;      // of the answer's body, as it was handed over
    std::chrono::microseconds took{0};
    std::string code;  // of the problem, if there was one
    std::string task;  // the first task, if there was one
};

// One JSON object without a line break, whatever the caller has put into its address. The query is
// left out: it is long, and may one day hold a secret.
[[nodiscard]] std::string access_line(const Access& access);

}  // namespace penstock::gateway
