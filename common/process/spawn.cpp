#include "common/process/spawn.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "common/model/assert.hpp"
#include "common/process/shutdown.hpp"

namespace penstock::process {
namespace {

// Above every number that a child is given, so that moving one cannot overwrite another.
constexpr int staging_descriptor = 200;

// What exec takes: arrays that end with a null, over strings of the Command.
struct Texts {
    std::vector<char*> arguments;
    std::vector<char*> own_environment;
    char* const* environment = environ;
};

void append(std::vector<char*>& array, const std::vector<std::string>& texts) {
    for (const std::string& text : texts) {
        array.push_back(const_cast<char*>(text.c_str()));
    }
    array.push_back(nullptr);
}

// Between fork and exec only async-signal-safe calls are allowed: everything that allocates has
// been prepared before. Returns the errno of what failed.
int become(const Texts& texts, const Command& command, std::vector<int>& staged, pid_t parent) {
    // Order matters: ask for the signal first, then look whether the parent died before that.
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) {
        return errno;
    }
    if (getppid() != parent) {
        _exit(1);
    }
    if (setpgid(0, 0) != 0) {
        return errno;
    }
    for (std::size_t i = 0; i < staged.size(); ++i) {
        staged[i] = fcntl(command.descriptors[i].from, F_DUPFD_CLOEXEC, staging_descriptor);
        if (staged[i] < 0) {
            return errno;
        }
    }
    // A library may have opened something without O_CLOEXEC. Old kernels lack this call; then our
    // own descriptors, which all have the flag, are the ones that matter.
    static_cast<void>(syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC));
    for (std::size_t i = 0; i < staged.size(); ++i) {
        if (dup2(staged[i], command.descriptors[i].as) < 0) {
            return errno;
        }
    }
    static_cast<void>(std::signal(SIGPIPE, SIG_DFL));
    static_cast<void>(std::signal(SIGCHLD, SIG_DFL));
    SignalQueue::unblock_all();
    execve(command.program.c_str(), texts.arguments.data(), texts.environment);
    return errno;
}

std::chrono::microseconds duration_of(const timeval& time) {
    return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

ChildEnd describe(int status, const rusage& usage) {
    const bool signalled = WIFSIGNALED(status);
    // ru_maxrss is in kibibytes.
    return {signalled, signalled ? WTERMSIG(status) : WEXITSTATUS(status),
            static_cast<std::uint64_t>(usage.ru_maxrss) * 1024,
            duration_of(usage.ru_utime) + duration_of(usage.ru_stime)};
}

std::string system_text(int error) {
    return std::generic_category().message(error);
}

tl::unexpected<Error> cannot_start(const Command& command, int error) {
    return fail(ErrorCode::unavailable,
                "cannot start " + command.program + ": " + system_text(error));
}

}  // namespace

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), descriptor_(std::exchange(other.descriptor_, -1)) {}

Child& Child::operator=(Child&& other) noexcept {
    if (this != &other) {
        end();
        pid_ = std::exchange(other.pid_, -1);
        descriptor_ = std::exchange(other.descriptor_, -1);
    }
    return *this;
}

Child::~Child() {
    end();
}

void Child::end() noexcept {
    if (pid_ > 0) {
        signal(SIGKILL);
        while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
        }
    }
    if (descriptor_ >= 0) {
        close(descriptor_);
    }
    pid_ = -1;
    descriptor_ = -1;
}

bool Child::signal(int number) const {
    // Until we reap it, the number stays the child's, so plain kill() cannot hit a stranger.
    return pid_ > 0 && kill(pid_, number) == 0;
}

bool Child::signal_group(int number) const {
    // A group's number stays taken while one of its processes, even a dead one, has not been
    // reaped.
    return pid_ > 0 && kill(-pid_, number) == 0;
}

std::optional<ChildEnd> Child::reap() {
    if (pid_ <= 0) {
        return std::nullopt;
    }
    int status = 0;
    rusage usage{};
    const pid_t ended = wait4(pid_, &status, WNOHANG, &usage);
    PENSTOCK_ASSERT(ended >= 0);
    if (ended == 0) {
        return std::nullopt;
    }
    pid_ = -1;
    return describe(status, usage);
}

Result<Child> spawn(const Command& command) {
    // What people see in ps.
    const std::string name = command.program == this_program ? own_program() : command.program;
    Texts texts{{const_cast<char*>(name.c_str())}, {}};
    append(texts.arguments, command.arguments);
    if (command.environment) {
        append(texts.own_environment, *command.environment);
        texts.environment = texts.own_environment.data();
    }
    std::vector<int> staged(command.descriptors.size(), -1);

    // The child writes its errno here if it cannot become the program; exec closes it.
    std::array<int, 2> report{};
    if (pipe2(report.data(), O_CLOEXEC) != 0) {
        return cannot_start(command, errno);
    }
    const int child_report = fcntl(report[1], F_DUPFD_CLOEXEC, staging_descriptor);
    const int report_error = errno;
    close(report[1]);
    if (child_report < 0) {
        close(report[0]);
        return cannot_start(command, report_error);
    }
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid == 0) {
        const int error = become(texts, command, staged, parent);
        static_cast<void>(!write(child_report, &error, sizeof error));
        _exit(127);
    }
    const int fork_error = errno;
    close(child_report);
    int child_error = 0;
    const ssize_t length = pid < 0 ? 0 : read(report[0], &child_error, sizeof child_error);
    close(report[0]);
    if (pid < 0) {
        return cannot_start(command, fork_error);
    }
    Child child(pid, static_cast<int>(syscall(SYS_pidfd_open, pid, 0U)));
    const int descriptor_error = errno;
    if (length > 0) {
        return cannot_start(command, child_error);  // and reaps it
    }
    if (child.descriptor() < 0) {
        return cannot_start(command, descriptor_error);  // nobody would hear of its end
    }
    return child;
}

std::string own_program() {
    return std::filesystem::read_symlink("/proc/self/exe").string();
}

void reap_strangers(const std::vector<pid_t>& own) {
    for (;;) {
        siginfo_t ended{};
        // Looks first: reaping blindly would take the ends of our own children from them.
        if (waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) != 0 || ended.si_pid == 0 ||
            std::find(own.begin(), own.end(), ended.si_pid) != own.end()) {
            return;
        }
        waitpid(ended.si_pid, nullptr, WNOHANG);
    }
}

}  // namespace penstock::process
