#include "producer/gateway/http/reply.hpp"

#include <fmt/format.h>

namespace penstock::gateway::http {

Reply json_reply(int status, std::string json) {
    Reply reply{status, "application/json"};
    reply.body = std::move(json);
    reply.body += '\n';
    return reply;
}

Reply problem_reply(const Problem& problem) {
    Reply reply{problem.status, "application/problem+json"};
    reply.body = to_json(problem) + '\n';
    reply.code = problem.code;
    if (!problem.tasks.empty()) {
        reply.task = to_text(problem.tasks.front());
    }
    // A task that has ended has nothing more to give.
    constexpr int task_goes_on = 504;
    if (problem.tasks.size() == 1 && problem.status == task_goes_on) {
        reply.headers.emplace_back("Location", "/v1/tasks/" + reply.task);
    }
    if (problem.retry_after) {
        reply.headers.emplace_back("Retry-After", std::to_string(problem.retry_after->count()));
    }
    if (!problem.allow.empty()) {
        reply.headers.emplace_back("Allow", problem.allow);
    }
    return reply;
}

std::string last_words(const Reply& reply) {
    std::string text = fmt::format(
        "HTTP/1.1 {} {}\r\nX-Content-Type-Options: nosniff\r\nContent-Type: {}\r\n"
        "Content-Length: {}\r\nConnection: close\r\n",
        reply.status, phrase(reply.status), reply.content_type, reply.body.size());
    for (const auto& [name, value] : reply.headers) {
        if (name != "Connection") {
            text += fmt::format("{}: {}\r\n", name, value);
        }
    }
    return text + "\r\n" + reply.body;
}

}  // namespace penstock::gateway::http
