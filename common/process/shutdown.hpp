// Termination signals as something a loop can wait for.
#pragma once

#include <optional>

namespace penstock::process {

// Blocks SIGTERM, SIGINT, SIGHUP (unless it is ignored, as under nohup) and, when asked, SIGCHLD in
// the calling thread and those it starts, and delivers them through a descriptor instead. Ignores
// SIGPIPE, and makes sure that SIGCHLD is not: a parent that ignores it hands that down, and then
// the ends of children are lost.
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
