// What the broker's memory comes from: jemalloc, which the program is linked with (decision 0013).
// The one place that knows of it.
#pragma once

#include <thread>

namespace penstock::broker {

// While it lives, what was freed goes back to the machine when more is free than in use, and not
// bit by bit before: what comes next needs it again, and memory that is given back page by page
// does not stay in huge pages. Does nothing where the program has another allocator, as in the
// sanitizers' builds.
//
// Thread rule: looks in a thread of its own, whose signals are those of who made it.
class MemoryKeeper {
  public:
    MemoryKeeper();

  private:
    std::jthread thread_;
};

}  // namespace penstock::broker
