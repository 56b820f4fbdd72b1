#include "common/telemetry/log.hpp"

#include <array>
#include <fcntl.h>
#include <functional>
#include <string>
#include <unistd.h>

#include "tests/support/catch.hpp"

namespace penstock::telemetry {
namespace {

// What `action` writes to stderr, at most a pipe's worth.
std::string stderr_of(const std::function<void()>& action) {
    std::array<int, 2> ends{};
    REQUIRE(pipe2(ends.data(), O_CLOEXEC) == 0);
    const int before = dup(STDERR_FILENO);
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    action();
    dup2(before, STDERR_FILENO);
    close(before);
    std::string text;
    std::array<char, 4096> buffer{};
    for (ssize_t length = 0; (length = read(ends[0], buffer.data(), buffer.size())) > 0;) {
        text.append(buffer.data(), static_cast<std::size_t>(length));
    }
    close(ends[0]);
    return text;
}

TEST_CASE("a fact is one line with level, program and message") {
    start_log("penstock-test", Level::info);
    const std::string text = stderr_of([] { info("gate opened gate={}", 3); });
    REQUIRE(text.find("info") != std::string::npos);
    REQUIRE(text.find("penstock-test: gate opened gate=3\n") != std::string::npos);
}

TEST_CASE("facts below the lowest level are not written") {
    start_log("penstock-test", Level::warning);
    REQUIRE(stderr_of([] {
                debug("not this");
                info("nor this");
            }).empty());
    REQUIRE_FALSE(stderr_of([] { warning("but this"); }).empty());
}

TEST_CASE("a name from outside cannot forge a line") {
    start_log("penstock-test", Level::info);
    const std::string text = stderr_of([] { info("hello {}", "you\n2030 error forged\x1b[0m"); });
    REQUIRE(text.find('\n') == text.size() - 1);
    REQUIRE(text.find('\x1b') == std::string::npos);
}

TEST_CASE("levels are read by name") {
    Level level = Level::error;
    REQUIRE(parse_level("debug", level));
    REQUIRE(level == Level::debug);
    REQUIRE_FALSE(parse_level("loud", level));
    REQUIRE(level == Level::debug);
}

}  // namespace
}  // namespace penstock::telemetry
