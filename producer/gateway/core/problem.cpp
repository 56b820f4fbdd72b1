#include "producer/gateway/core/problem.hpp"

#include <fmt/format.h>
#include <utility>

#include "common/protocol/value.hpp"

namespace penstock::gateway {
namespace {

constexpr std::chrono::seconds soon{1};

Problem with_retry(int status, std::string code, std::string detail) {
    Problem problem{status, std::move(code), std::move(detail)};
    problem.retry_after = soon;
    return problem;
}

}  // namespace

tl::unexpected<Problem> refuse(int status, std::string code, std::string detail) {
    return tl::unexpected<Problem>(Problem{status, std::move(code), std::move(detail)});
}

std::string_view phrase(int status) {
    switch (status) {
        case 200: return "OK";
        case 202: return "Accepted";
        case 304: return "Not Modified";
        case 400: return "Bad Request";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 406: return "Not Acceptable";
        case 408: return "Request Timeout";
        case 409: return "Conflict";
        case 410: return "Gone";
        case 411: return "Length Required";
        case 413: return "Content Too Large";
        case 415: return "Unsupported Media Type";
        case 422: return "Unprocessable Content";
        case 429: return "Too Many Requests";
        case 431: return "Request Header Fields Too Large";
        case 503: return "Service Unavailable";
        case 504: return "Gateway Timeout";
        case 507: return "Insufficient Storage";
        default: return "Internal Server Error";
    }
}

std::string to_json(const Problem& problem) {
    Value object = {{"type", "about:blank"},
                    {"title", phrase(problem.status)},
                    {"status", problem.status},
                    {"code", problem.code},
                    {"detail", problem.detail}};
    if (problem.tasks.size() == 1) {
        object["task"] = to_text(problem.tasks.front());
    } else if (!problem.tasks.empty()) {
        Value ids = Value::array();
        for (const TaskId& id : problem.tasks) {
            ids.push_back(to_text(id));
        }
        object["tasks"] = std::move(ids);
    }
    return json_from_value(object);
}

Problem problem_of(const Error& error) {
    const std::string code(name(error.code));
    switch (error.code) {
        case ErrorCode::busy: return with_retry(429, code, error.message);
        case ErrorCode::unavailable:
        case ErrorCode::broker_restarted:
        case ErrorCode::no_session:
        case ErrorCode::no_handler:
        case ErrorCode::lost: return with_retry(503, code, error.message);
        case ErrorCode::disk_full: return with_retry(507, code, error.message);
        case ErrorCode::too_large: return {413, code, error.message};
        case ErrorCode::not_found: return {404, code, error.message};
        case ErrorCode::result_expired: return {410, code, error.message};
        case ErrorCode::conflict:
        case ErrorCode::cancelled:
        case ErrorCode::expired: return {409, code, error.message};
        case ErrorCode::rejected: return {422, code, error.message};
        case ErrorCode::timed_out: return {504, code, error.message};
        case ErrorCode::malformed:
        case ErrorCode::version:
        case ErrorCode::durability:
        case ErrorCode::failed:
        case ErrorCode::crashed:
        case ErrorCode::time_limit:
        case ErrorCode::unsupported:
        case ErrorCode::stale:
        case ErrorCode::internal:
        case ErrorCode::insecure: return {500, code, error.message};
    }
    return {500, "internal", error.message};
}

Problem problem_of(const TaskResult& result) {
    Problem problem =
        problem_of(result.error.value_or(Error{ErrorCode::failed, "the task gave no result"}));
    // The reason is what the task came to; its last error may be any.
    switch (result.dead_reason) {
        case DeadReason::rejected: problem.status = 422; break;
        case DeadReason::no_handler: problem.status = 503; break;
        case DeadReason::none: break;
        case DeadReason::attempts_exhausted:
        case DeadReason::poison:
        case DeadReason::time_limit:
        case DeadReason::parent_failed:
            problem.status = 500;
            problem.retry_after.reset();
            break;
    }
    if (result.dead_reason != DeadReason::none) {
        problem.code = std::string(name(result.dead_reason));
    }
    problem.tasks = {result.id};
    return problem;
}

Problem wait_over(std::vector<TaskId> tasks, std::chrono::milliseconds waited) {
    const bool one = tasks.size() == 1;
    Problem problem{504, "wait_over",
                    fmt::format("no result within {:g} s; {} on: ask for {} later",
                                static_cast<double>(waited.count()) / 1000.0,
                                one ? "the task goes" : "the tasks go",
                                one ? "/v1/tasks/ID/result" : "/v1/tasks/ID/result of each")};
    problem.tasks = std::move(tasks);
    return problem;
}

Problem not_started() {
    return with_retry(429, "busy", "too much is waiting here; nothing was begun, try again");
}

Problem not_accepted() {
    return with_retry(503, std::string(name(ErrorCode::unavailable)),
                      "the broker has not confirmed it in time; it was given up, try again");
}

}  // namespace penstock::gateway
