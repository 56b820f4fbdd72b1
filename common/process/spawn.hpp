// Starts programs as children that cannot outlive their parent.
//
// Thread rule: a Child belongs to the thread that started it, which must live as long as the
// child should: the kernel kills the child when that thread ends, not only when the process does.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

#include "common/model/result.hpp"

namespace penstock::process {

struct InheritedDescriptor {
    int from = -1;  // in this process
    int as = -1;    // in the child; 3 or more, but 0 to 2 replace its standard streams
};

// As Command::program: the running program, even if its file has been replaced meanwhile.
inline constexpr const char* this_program = "/proc/self/exe";

// The child runs in a process group of its own, so that the terminal's Ctrl-C is the parent's.
struct Command {
    std::string program;                 // a path; PATH is not searched
    std::vector<std::string> arguments;  // without the program itself
    // Everything else is closed in the child, whatever its flags.
    std::vector<InheritedDescriptor> descriptors;
    // NAME=VALUE each. Nothing: as this process has it.
    std::optional<std::vector<std::string>> environment{};
};

// How a child ended, from wait4().
struct ChildEnd {
    bool signalled = false;
    int code = 0;  // exit status, or signal number
    std::uint64_t peak_memory_bytes = 0;
    std::chrono::microseconds cpu{0};  // user and system, of children that it reaped, too
};

// A running child. Destroying it kills the child (SIGKILL) and waits for it.
class Child {
  public:
    Child(Child&& other) noexcept;
    Child& operator=(Child&& other) noexcept;
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child();

    [[nodiscard]] pid_t pid() const { return pid_; }
    // A pidfd: readable once the child has ended.
    [[nodiscard]] int descriptor() const { return descriptor_; }
    // Never reaches another process that got the same number. False if the child has ended.
    bool signal(int number) const;
    // The same for all that is still in its process group, which it may leave behind when it ends.
    // Call it before reap(), after which the group's number may be another's.
    bool signal_group(int number) const;
    // How it ended, once, or nothing while it runs.
    [[nodiscard]] std::optional<ChildEnd> reap();

  private:
    friend Result<Child> spawn(const Command& command);
    Child(pid_t pid, int descriptor) : pid_(pid), descriptor_(descriptor) {}
    void end() noexcept;

    pid_t pid_ = -1;  // -1: moved from, or reaped
    int descriptor_ = -1;
};

// Returns when the program runs. It dies with this process (PR_SET_PDEATHSIG), starts with no
// signal blocked, and SIGPIPE and SIGCHLD at their defaults.
// Precondition: SIGCHLD is not ignored here, whatever was inherited (SignalQueue sees to that);
// else the kernel would throw the child's end away.
// Errors: unavailable (no such program, no right, no more processes or descriptors), naming the
// program.
[[nodiscard]] Result<Child> spawn(const Command& command);

// The path of the running program, for finding others beside it.
[[nodiscard]] std::string own_program();

// For a process that may have adopted children of others (as process 1 of a container, say): reaps
// those that have ended but are none of `own`.
void reap_strangers(const std::vector<pid_t>& own);

}  // namespace penstock::process
