#include "producer/gateway/http/reply.hpp"

#include "tests/support/catch.hpp"

namespace penstock::gateway::http {
namespace {

std::string header(const Reply& reply, const std::string& name) {
    for (const auto& [key, value] : reply.headers) {
        if (key == name) {
            return value;
        }
    }
    return "";
}

TEST_CASE("a problem carries its headers") {
    Problem problem{429, "busy", "full"};
    problem.retry_after = std::chrono::seconds(2);
    const Reply busy = problem_reply(problem);
    REQUIRE(busy.content_type == "application/problem+json");
    REQUIRE(header(busy, "Retry-After") == "2");
    problem.allow = "POST";
    REQUIRE(header(problem_reply(problem), "Allow") == "POST");
}

TEST_CASE("a problem says where a task is that goes on, and not where one was that has ended") {
    Problem problem{504, "wait_over", "later"};
    problem.tasks = {TaskId{}};
    REQUIRE(header(problem_reply(problem), "Location") ==
            "/v1/tasks/00000000-0000-0000-0000-000000000000");
    problem.status = 422;
    REQUIRE(header(problem_reply(problem), "Location").empty());
    REQUIRE_FALSE(problem_reply(problem).task.empty());
}

TEST_CASE("last words are a whole answer that closes the connection") {
    Reply reply = problem_reply({408, "too_slow", "slow"});
    reply.headers.emplace_back("Connection", "close");
    const std::string text = last_words(reply);
    REQUIRE(text.starts_with("HTTP/1.1 408 Request Timeout\r\n"));
    REQUIRE(text.find("\r\nX-Content-Type-Options: nosniff\r\n") != std::string::npos);
    const std::size_t close = text.find("\r\nConnection: close\r\n");
    REQUIRE(close != std::string::npos);
    REQUIRE(text.find("Connection", close + 4) == std::string::npos);
    const std::size_t body = text.find("\r\n\r\n") + 4;
    REQUIRE(text.find("Content-Length: " + std::to_string(text.size() - body) + "\r\n") !=
            std::string::npos);
}

}  // namespace
}  // namespace penstock::gateway::http
