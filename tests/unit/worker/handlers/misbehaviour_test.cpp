#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/worker/sdk/fake_context.hpp"
#include "worker/handlers/catalog.hpp"

namespace penstock::worker::test {
namespace {

// The signal that ends a process which runs test.crash; 0 if it ends in another way.
int signal_of_crash(const Value& args) {
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        FakeContext context;
        static_cast<void>(crash({args, {}}, context));
        _exit(0);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

TEST_CASE("crash kills its process") {
    CHECK(signal_of_crash(Value::object()) == SIGKILL);
    CHECK(signal_of_crash({{"signal", SIGUSR1}}) == SIGUSR1);
}

TEST_CASE("crash says so if the process survives") {
    CHECK(run(crash, R"({"signal":18})").error().code == ErrorCode::failed);  // SIGCONT
    CHECK(rejection(crash, R"({"signal":99})") == "signal: 99 is out of range; allowed 1..31");
}

TEST_CASE("fail fails every attempt, or the first few") {
    CHECK(run(fail_attempt, "{}").error().code == ErrorCode::failed);
    const Value args = {{"until_attempt", 2}};
    FakeContext context;
    for (const std::uint32_t attempt : {1U, 2U}) {
        context.set_attempt(attempt);
        CHECK(fail_attempt({args, {}}, context).error().code == ErrorCode::failed);
    }
    context.set_attempt(3);
    CHECK(fail_attempt({args, {}}, context)->value == Value{{"attempt", 3}});
}

TEST_CASE("hog takes the memory it is told to take") {
    CHECK(answer(hog, R"({"mb":3})") == R"({"mb":3})");
    CHECK(rejection(hog, "{}") == "mb: missing; allowed 1..1048576");
}

}  // namespace
}  // namespace penstock::worker::test
