// Termination signals as something a loop can wait for.
#pragma once

#include <optional>

namespace penstock::process {

// Blocks SIGTERM, SIGINT (and SIGCHLD, when asked) in the calling thread and those it starts, and
// delivers them through a descriptor instead. Ignores SIGPIPE.
//
// Thread rule: made once, in main(), before any other thread exists.
class SignalQueue {
  public:
    explicit SignalQueue(bool with_children = false);
    ~SignalQueue();
    SignalQueue(const SignalQueue&) = delete;
    SignalQueue& operator=(const SignalQueue&) = delete;

    // Readable while a signal waits. Closed on exec.
    [[nodiscard]] int descriptor() const { return descriptor_; }
    // The next signal's number, or nothing. Signals that came several times while nobody looked
    // may be told once: after SIGCHLD, reap until nothing is left.
    [[nodiscard]] std::optional<int> next();
    // Restores the signal mask: for a child between fork and exec.
    static void unblock_all();

  private:
    int descriptor_ = -1;
};

}  // namespace penstock::process
