// While one of these lives, threads that this thread begins do not get in the way of others: when
// something wakes them they wait for a core instead of taking one from who runs there (SCHED_BATCH,
// sched(7)). For threads that serve one that everybody waits for. Their share of the processor
// stays the same.
//
// Thread rule: one at a time, of one thread, which runs so itself meanwhile.
#pragma once

namespace penstock::process {

class BackgroundThreads {
  public:
    // Changes nothing where the operating system does not allow it, or somebody has chosen another
    // policy for this process (chrt(1)).
    BackgroundThreads();
    ~BackgroundThreads();
    BackgroundThreads(const BackgroundThreads&) = delete;
    BackgroundThreads& operator=(const BackgroundThreads&) = delete;

  private:
    bool changed_ = false;
};

}  // namespace penstock::process
