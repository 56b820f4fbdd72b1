#include <array>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/worker/sdk/fake_context.hpp"
#include "worker/handlers/catalog.hpp"
#include "worker/handlers/exec/limits.hpp"
#include "worker/handlers/exec/offer.hpp"
#include "worker/sdk/catalog.hpp"

namespace penstock::worker::exec {
namespace {

using Catch::Matchers::ContainsSubstring;

// Commands that are on offer while it lives.
class Offered {
  public:
    explicit Offered(const std::vector<std::string>& texts) {
        REQUIRE(set_offer(texts).has_value());
    }
    ~Offered() { static_cast<void>(set_offer({})); }
    Offered(const Offered&) = delete;
    Offered& operator=(const Offered&) = delete;
};

// A template called "script" that runs it in a shell; "$0" is the value called "value".
std::string script(const std::string& text) {
    return "script=" + json_from_value({"/bin/sh", "-c", text, "{value}"});
}

constexpr std::string_view call_script = R"({"command":"script","arguments":{"value":"v"}})";

Result<Output> run_script(const std::string& text, std::string_view payload = {}) {
    const Offered offered({script(text)});
    return run(run_offered, call_script, as_byte_view(payload));
}

// A named pipe: reading a line from it waits until a command has written one.
class Mailbox {
  public:
    Mailbox() {
        REQUIRE(mkfifo(path().c_str(), 0600) == 0);
        // For writing, too, so that neither opening it nor reading meets an end.
        descriptor_ = open(path().c_str(), O_RDWR | O_CLOEXEC);
        REQUIRE(descriptor_ >= 0);
    }
    ~Mailbox() {
        close(descriptor_);
        std::filesystem::remove(path());
    }
    Mailbox(const Mailbox&) = delete;
    Mailbox& operator=(const Mailbox&) = delete;

    [[nodiscard]] std::string path() const {
        return (std::filesystem::temp_directory_path() /
                ("penstock-exec-" + std::to_string(owner_)))
            .string();
    }
    [[nodiscard]] bool has_mail() const {
        pollfd readable{descriptor_, POLLIN, 0};
        return poll(&readable, 1, 0) == 1;
    }
    [[nodiscard]] pid_t read_pid() const {
        pollfd readable{descriptor_, POLLIN, 0};
        REQUIRE(poll(&readable, 1, 30'000) == 1);
        std::array<char, 32> buffer{};
        REQUIRE(read(descriptor_, buffer.data(), buffer.size() - 1) > 0);
        return static_cast<pid_t>(std::atoi(buffer.data()));
    }

  private:
    pid_t owner_ = getpid();
    int descriptor_ = -1;
};

// Whether the process is gone, or goes within half a minute.
bool goes(pid_t pid) {
    const int descriptor = static_cast<int>(syscall(SYS_pidfd_open, pid, 0U));
    if (descriptor < 0) {
        return errno == ESRCH;
    }
    pollfd ended{descriptor, POLLIN, 0};
    const bool gone = poll(&ended, 1, 30'000) == 1;
    close(descriptor);
    return gone;
}

// Cancelled as soon as there is mail.
class CancelledByMail : public FakeContext {
  public:
    explicit CancelledByMail(const Mailbox& mailbox) : mailbox_(mailbox) {}
    bool wait_for_cancel(Duration /*duration*/) override { return mailbox_.has_mail(); }

  private:
    const Mailbox& mailbox_;
};

class Hurried : public FakeContext {
  public:
    [[nodiscard]] TimePoint deadline() const override {
        return started_ + std::chrono::milliseconds(300);
    }

  private:
    TimePoint started_ = Instant::read().steady;
};

TEST_CASE("a command reads the payload and gives what it writes") {
    const Offered offered({R"(upper=["/usr/bin/tr","a-z","A-Z"])"});
    const Result<Output> output = run(run_offered, R"({"command":"upper"})", as_byte_view("hello"));
    REQUIRE(output.has_value());
    CHECK(as_text(output->payload.view()) == "HELLO");
    CHECK(output->value["exit"] == 0);
    CHECK(output->value["stderr"] == "");
    CHECK(output->value["ms"].get<int>() >= 0);
}

TEST_CASE("megabytes go through a command, and a payload may be left unread") {
    const std::string megabytes(5'000'000, 'm');
    CHECK(run_script("cat", megabytes)->payload.size() == megabytes.size());
    CHECK(run_script("exit 3", megabytes)->value["exit"] == 3);
}

TEST_CASE("a command that fails, or dies of a signal, has a result like any other") {
    CHECK(run_script("exit 7")->value["exit"] == 7);
    CHECK(run_script("kill -9 $$")->value["exit"] == 137);
}

TEST_CASE("the end of standard error is kept, as text") {
    const Result<Output> output =
        run_script("head -c 100000 /dev/zero | tr '\\0' e >&2; printf 'last\\377' >&2");
    const auto text = output->value["stderr"].get<std::string>();
    CHECK(text.size() == stderr_bytes_max);
    CHECK(text.ends_with("eelast?"));
}

TEST_CASE("a value never reaches a shell as code") {
    const Offered offered({R"(say=["/bin/echo","{text}"])"});
    const Result<Output> output =
        run(run_offered, R"({"command":"say","arguments":{"text":"$(id); `id` > x"}})");
    CHECK(as_text(output->payload.view()) == "$(id); `id` > x\n");
}

TEST_CASE("a command finds a short environment and no open files") {
    setenv("PENSTOCK_TEST_SECRET", "s3cret", 1);
    const int leak = dup(STDERR_FILENO);
    const Result<Output> output = run_script("env; ls -l /proc/self/fd");
    close(leak);
    unsetenv("PENSTOCK_TEST_SECRET");
    const std::string text(as_text(output->payload.view()));
    CHECK(text.find("s3cret") == std::string::npos);
    CHECK_THAT(text, ContainsSubstring("PATH="));
    // 3 is the folder itself, which ls has opened.
    CHECK_THAT(text, ContainsSubstring(" 3 -> "));
    CHECK(text.find(" 4 -> ") == std::string::npos);
}

TEST_CASE("a command over its output limit is ended and rejected") {
    const Offered offered({R"(yes=["/usr/bin/yes"])"});
    CHECK(rejection(run_offered, R"({"command":"yes","output_bytes_max":100000})") ==
          "the command wrote more than 100000 bytes, and was ended");
    const Offered exact({R"(five=["/usr/bin/printf","12345"])"});
    CHECK(run(run_offered, R"({"command":"five","output_bytes_max":5})").has_value());
    CHECK(rejection(run_offered, R"({"command":"five","output_bytes_max":4})") ==
          "the command wrote more than 4 bytes, and was ended");
}

TEST_CASE("a command over its time limit is ended, and another attempt may succeed") {
    const Offered offered({R"(wait=["/bin/sleep","1000"])"});
    const Result<Output> output = run(run_offered, R"({"command":"wait","time_limit_ms":50})");
    REQUIRE_FALSE(output.has_value());
    CHECK(output.error().code == ErrorCode::failed);
    CHECK_THAT(output.error().message, ContainsSubstring("its time limit, and was ended"));
}

TEST_CASE("a command is ended before the attempt's deadline") {
    const Offered offered({R"(wait=["/bin/sleep","1000"])"});
    const Value args = {{"command", "wait"}};
    Hurried context;
    const Result<Output> output = run_offered({args, {}}, context);
    CHECK(output.error().code == ErrorCode::failed);
    CHECK(Instant::read().steady < context.deadline() + std::chrono::seconds(20));
}

TEST_CASE("what a command leaves running ends with it") {
    const Result<Output> output = run_script("sleep 1000 & echo $!");
    REQUIRE(output.has_value());
    const pid_t left = std::atoi(std::string(as_text(output->payload.view())).c_str());
    REQUIRE(left > 0);
    CHECK(goes(left));
}

TEST_CASE("a cancelled command ends with all its children") {
    const Mailbox mailbox;
    const Offered offered({script("sleep 1000 & echo $! > \"$0\"; wait")});
    const Value args = {{"command", "script"}, {"arguments", {{"value", mailbox.path()}}}};
    CancelledByMail context(mailbox);
    CHECK(run_offered({args, {}}, context).error().code == ErrorCode::cancelled);
    CHECK(goes(mailbox.read_pid()));
}

TEST_CASE("a command does not survive the kill of its process") {
    const Mailbox mailbox;
    const Offered offered({script("echo $$ > \"$0\"; exec sleep 1000")});
    const Value args = {{"command", "script"}, {"arguments", {{"value", mailbox.path()}}}};
    const pid_t process = fork();
    REQUIRE(process >= 0);
    if (process == 0) {
        FakeContext context;
        static_cast<void>(run_offered({args, {}}, context));
        _exit(0);
    }
    const pid_t command = mailbox.read_pid();
    kill(process, SIGKILL);
    REQUIRE(waitpid(process, nullptr, 0) == process);
    CHECK(goes(command));
}

TEST_CASE("a program that does not exist may exist elsewhere") {
    const Offered offered({R"(gone=["/no/such/program"])"});
    const Result<Output> output = run(run_offered, R"({"command":"gone"})");
    REQUIRE_FALSE(output.has_value());
    CHECK(output.error() ==
          Error{ErrorCode::failed, "cannot start /no/such/program: No such file or directory"});
}

TEST_CASE("only what is on offer runs") {
    const Offered offered({R"(a=["/bin/true"])", R"(b=["/bin/echo","{x}"])"});
    CHECK(rejection(run_offered, "{}") == "command: missing; this worker offers: a, b");
    CHECK(rejection(run_offered, R"({"command":"/bin/true"})") ==
          "command: '/bin/true' is not one of: a, b");
    CHECK(rejection(run_offered, R"({"command":1})") == "command: 1 is not one of: a, b");
    CHECK(rejection(run_offered, R"({"command":"b"})") ==
          "arguments.x: missing; the command 'b' needs it");
    CHECK(rejection(run_offered, R"({"command":"a","arguments":{"x":1}})") ==
          "arguments: the command 'a' has no place for 'x'");
    CHECK(rejection(run_offered, R"({"command":"a","time_limit_ms":0})") ==
          "time_limit_ms: 0 is out of range; allowed 1..86400000");
    CHECK(rejection(run_offered, R"({"command":"a","output_bytes_max":33554433})") ==
          "output_bytes_max: 33554433 is out of range; allowed 0..33554432");
    CHECK(rejection(run_offered, R"({"command":"a","argv":["x"]})")
              .starts_with("unknown field 'argv'"));
    CHECK(rejection(run_offered, "[]").starts_with("the arguments must be an object"));
}

TEST_CASE("the type is in the catalog only where something is on offer") {
    CHECK(Catalog::of(built_in_handlers())->find("exec.run") == nullptr);
    CHECK(rejection(run_offered, R"({"command":"a"})") == "command: 'a' is not one of: none");
    const Offered offered({R"(a=["/bin/true"])"});
    const Catalog catalog = Catalog::of(built_in_handlers()).value();
    REQUIRE(catalog.find("exec.run") != nullptr);
    CHECK(catalog.find("exec.run")->handler == run_offered);
}

}  // namespace
}  // namespace penstock::worker::exec
