#include "common/process/spawn.hpp"

#include <array>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/catch.hpp"

namespace penstock::process {
namespace {

Command shell(const std::string& script) {
    return {"/bin/sh", {"-c", script}, {}};
}

// Waits for the end of a child, without sleeping.
ChildEnd end_of(Child& child) {
    pollfd ended{child.descriptor(), POLLIN, 0};
    REQUIRE(poll(&ended, 1, 30'000) == 1);
    const auto end = child.reap();
    REQUIRE(end);
    return *end;
}

// What the child writes to its standard output.
std::string output_of(Command command) {
    std::array<int, 2> ends{};
    REQUIRE(pipe2(ends.data(), O_CLOEXEC) == 0);
    command.descriptors.push_back({ends[1], STDOUT_FILENO});
    auto child = spawn(command);
    REQUIRE(child);
    close(ends[1]);
    std::string text;
    std::array<char, 256> buffer{};
    for (ssize_t length = 0; (length = read(ends[0], buffer.data(), buffer.size())) > 0;) {
        text.append(buffer.data(), static_cast<std::size_t>(length));
    }
    close(ends[0]);
    static_cast<void>(end_of(*child));
    return text;
}

TEST_CASE("the end of a child tells its exit status and memory") {
    auto child = spawn(shell("exit 7"));
    REQUIRE(child);
    const ChildEnd end = end_of(*child);
    REQUIRE_FALSE(end.signalled);
    REQUIRE(end.code == 7);
    REQUIRE(end.peak_memory_bytes > 0);
    REQUIRE(end.cpu.count() > 0);
    REQUIRE_FALSE(child->reap());
}

TEST_CASE("a child has the environment that it is given, and no other") {
    Command command{"/usr/bin/env", {}, {}};
    command.environment = {"A=1", "B=x y"};
    REQUIRE(output_of(command) == "A=1\nB=x y\n");
    command.environment = std::vector<std::string>();
    REQUIRE(output_of(command).empty());
}

TEST_CASE("a signal to the group reaches what the child has started") {
    auto child = spawn(shell("/bin/sleep 1000 & wait"));
    REQUIRE(child);
    REQUIRE(child->signal_group(SIGKILL));
    REQUIRE(end_of(*child).code == SIGKILL);
    REQUIRE_FALSE(child->signal_group(SIGKILL));
}

TEST_CASE("the end of a killed child tells the signal") {
    auto child = spawn(shell("kill -SEGV $$"));
    REQUIRE(child);
    const ChildEnd end = end_of(*child);
    REQUIRE(end.signalled);
    REQUIRE(end.code == SIGSEGV);
}

TEST_CASE("a running child has no end yet and can be signalled") {
    std::array<int, 2> ends{};
    REQUIRE(pipe2(ends.data(), O_CLOEXEC) == 0);
    Command waits{"/bin/cat", {}, {{ends[0], STDIN_FILENO}}};
    auto cat = spawn(waits);
    REQUIRE(cat);
    REQUIRE_FALSE(cat->reap());
    REQUIRE(cat->signal(SIGTERM));
    REQUIRE(end_of(*cat).code == SIGTERM);
    REQUIRE_FALSE(cat->signal(SIGTERM));
    close(ends[0]);
    close(ends[1]);
}

TEST_CASE("a program that does not exist is an error that names it") {
    const auto child = spawn({"/no/such/program", {}, {}});
    REQUIRE_FALSE(child);
    REQUIRE(child.error().code == ErrorCode::unavailable);
    REQUIRE(child.error().message.find("/no/such/program") != std::string::npos);
}

TEST_CASE("the running program can be started again, and is called by its name") {
    CHECK(output_of({this_program, {"--help"}, {}}).find("test_process") != std::string::npos);
}

TEST_CASE("a child inherits the given descriptors and nothing else") {
    const int leaked = open("/dev/null", O_RDONLY);  // no O_CLOEXEC, on purpose
    REQUIRE(leaked >= 0);
    const int given = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    REQUIRE(given >= 0);
    // 3 is the folder that ls itself has open.
    const std::string open_in_child = output_of({"/bin/ls", {"/proc/self/fd"}, {{given, 5}}});
    close(leaked);
    close(given);
    REQUIRE(open_in_child == "0\n1\n2\n3\n5\n");
}

TEST_CASE("a child runs in its own process group when asked to") {
    REQUIRE(output_of(shell("test $(cut -d' ' -f5 /proc/$$/stat) -eq $$ && echo own")) == "own\n");
}

TEST_CASE("no signal is blocked in a child, even if all are in the parent") {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const std::string mask = output_of({"/bin/grep", {"SigBlk", "/proc/self/status"}, {}});
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    REQUIRE(mask == "SigBlk:\t0000000000000000\n");
}

TEST_CASE("a child dies with its parent") {
    // The middle process starts a grandchild that holds the pipe open, and is then killed.
    std::array<int, 2> ends{};
    REQUIRE(pipe2(ends.data(), O_CLOEXEC) == 0);
    const pid_t middle = fork();
    if (middle == 0) {
        std::array<int, 2> input{};
        static_cast<void>(!pipe2(input.data(), O_CLOEXEC));
        auto grandchild =
            spawn({"/bin/cat", {}, {{input[0], STDIN_FILENO}, {ends[1], STDOUT_FILENO}}});
        const char started = grandchild ? 'y' : 'n';
        static_cast<void>(!write(ends[1], &started, 1));
        for (;;) {
            pause();
        }
    }
    close(ends[1]);
    char started = 0;
    REQUIRE(read(ends[0], &started, 1) == 1);
    REQUIRE(started == 'y');
    REQUIRE(kill(middle, SIGKILL) == 0);
    // End of file comes when the last writer, the grandchild, is gone.
    pollfd gone{ends[0], POLLIN, 0};
    REQUIRE(poll(&gone, 1, 30'000) == 1);
    REQUIRE(read(ends[0], &started, 1) == 0);
    close(ends[0]);
}

TEST_CASE("a child that is let go is killed and reaped") {
    pid_t pid = 0;
    {
        std::array<int, 2> ends{};
        REQUIRE(pipe2(ends.data(), O_CLOEXEC) == 0);
        auto child = spawn({"/bin/cat", {}, {{ends[0], STDIN_FILENO}}});
        REQUIRE(child);
        pid = child->pid();
        close(ends[0]);
        close(ends[1]);
    }
    REQUIRE(kill(pid, 0) == -1);
}

TEST_CASE("strangers are reaped and own children left alone") {
    auto own = spawn(shell("exit 3"));
    REQUIRE(own);
    pollfd ended{own->descriptor(), POLLIN, 0};
    REQUIRE(poll(&ended, 1, 30'000) == 1);
    reap_strangers({own->pid()});
    const auto end = own->reap();
    REQUIRE(end);
    REQUIRE(end->code == 3);
    // A plain fork is none of "own".
    const pid_t stranger = fork();
    if (stranger == 0) {
        _exit(0);
    }
    siginfo_t info{};
    REQUIRE(waitid(P_PID, static_cast<id_t>(stranger), &info, WEXITED | WNOWAIT) == 0);
    reap_strangers({});
    REQUIRE(kill(stranger, 0) == -1);
}

}  // namespace
}  // namespace penstock::process
