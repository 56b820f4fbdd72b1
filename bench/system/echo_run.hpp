// One run of `test.echo` with stamped bodies, driven by its answers: the callback that takes one
// hands over the next, as the loop of the limit does.
//
// Thread rule: made and run by one thread, which hands over the first call; everything after that
// happens on the client's socket thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "bench/system/answers.hpp"
#include "bench/system/measured.hpp"
#include "producer/client/client.hpp"

namespace penstock::bench {

inline constexpr const char* echo_type = "test.echo";

class EchoRun {
  public:
    // `number` tells its bodies from those of other runs.
    EchoRun(client::Client& client, const TaskOptions& options, std::uint32_t number,
            const Load& load);
    EchoRun(const EchoRun&) = delete;
    EchoRun& operator=(const EchoRun&) = delete;

    // Keeps the window full for the time of the load, then waits for the rest. False: something is
    // missing; whatever still comes needs this object for as long as there is the client.
    [[nodiscard]] bool run();
    // Requires: run() has returned true.
    [[nodiscard]] Measured measured();
    // The last task that was to be rejected.
    [[nodiscard]] const std::optional<TaskId>& last_rejected() const { return last_rejected_; }

  private:
    void send_call();
    void send_rejected();
    // Receipts come in the order of the calls; those of one call at once.
    void accepted(TimePoint sent);
    void take(const Result<TaskResult>& result, TimePoint sent);
    void take_rejected(const Result<TaskResult>& result);
    void make_up_for_one();
    void end_if_all_are_told();
    // Whether a task is to be rejected now, by the pace of the load.
    [[nodiscard]] bool owes_rejected() const;

    client::Client& client_;
    const client::Submission echo_;
    const client::Submission rejecting_;
    const std::uint32_t number_;
    const Load load_;
    TimePoint start_;
    TimePoint end_;

    std::uint32_t sent_ = 0;
    double rejected_ = 0;
    std::optional<TaskId> last_rejected_;
    std::size_t free_;               // places in the window
    std::size_t unconfirmed_ = 0;    // tasks whose receipt is asked for, and has not come
    std::size_t rejected_open_ = 0;  // of the places that are not free
    bool rejected_last_ = false;     // and not a call
    Answers answers_;
    TimePoint last_call_;
    std::vector<double> latencies_us_;

    std::atomic<bool> is_over_ = false;
    std::mutex mutex_;  // of what follows
    std::condition_variable changed_;
    bool has_ended_ = false;
};

}  // namespace penstock::bench
