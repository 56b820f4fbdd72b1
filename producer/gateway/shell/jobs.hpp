// Threads for what may block: the disk, and handing tasks to a broker that is behind.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace penstock::gateway {

// Thread rule: add() from any thread; stop() and the destructor from the one that made it. A mutex
// around the list is what the threads wait at.
class Jobs {
  public:
    explicit Jobs(unsigned threads);
    // Calls stop().
    ~Jobs();
    Jobs(const Jobs&) = delete;
    Jobs& operator=(const Jobs&) = delete;

    // Will be called, in order if there is one thread. Nothing happens after stop().
    void add(std::function<void()> job);
    // Drops the jobs that wait, then waits for those that run.
    void stop();

  private:
    void run();

    std::mutex mutex_;
    std::condition_variable more_;
    std::deque<std::function<void()>> waiting_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace penstock::gateway
