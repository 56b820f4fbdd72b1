// One task in the broker, and THE state machine of tasks: the transition table in task.cpp is the
// only thing that decides how a state follows another. docs/LIFECYCLE.md shows it; a test compares.
//
// Thread rule: belongs to the scheduler's thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "broker/core/kept_body.hpp"
#include "broker/core/task_terms.hpp"
#include "common/model/bytes.hpp"
#include "common/model/id_index.hpp"
#include "common/model/ids.hpp"
#include "common/model/prefetch.hpp"
#include "common/model/task.hpp"
#include "common/model/time.hpp"

namespace penstock::broker {

// What can happen to a task.
enum class Trigger : std::uint8_t {
    postpone,   // it may not start yet
    dispatch,   // a worker is given a lease
    give_back,  // the lease ended without a verdict: returned, lost, or its process died
    complete,   // the current lease reported success
    retry,      // the attempt failed and another one is allowed
    wake,       // the wait before the first or the next attempt is over
    give_up,    // no further attempt is allowed, or nobody can run it
    expire,     // its time was over before it started
    cancel,     // somebody asked for it and nothing runs any more
};
[[nodiscard]] std::string_view name(Trigger trigger);

struct Transition {
    TaskState from;
    Trigger trigger;
    TaskState to;
};
// The whole table.
[[nodiscard]] std::span<const Transition> transitions();
// Where `trigger` leads from `from`; nothing if it must not happen there.
[[nodiscard]] std::optional<TaskState> next_state(TaskState from, Trigger trigger);

// Positions in the scheduler's tables.
using TaskIndex = std::uint32_t;
using LaneIndex = std::uint32_t;
using WorkerIndex = std::uint32_t;
inline constexpr std::uint32_t no_index = IdIndex::none;

// Names a peer's session; given out by the shell, never reused.
using SessionId = std::uint64_t;
inline constexpr SessionId no_session = 0;

// Bytes of an error's text that are kept where many tasks hold one: while they wait for another
// attempt, and once their results have been dropped.
inline constexpr std::size_t lasting_text_bytes = 256;

// The attempts of a task, what the last one was, and the end. Most tasks that wait have none; a
// million that have ended are kept: 128 bytes, with what most have in common or not at all set
// aside.
class LastRun {
  public:
    std::uint32_t runs = 0;          // leases given; the attempt number on the wire
    std::uint32_t charged = 0;       // attempts that count against max_attempts
    std::uint32_t alone_deaths = 0;  // processes it killed while alone in them
    std::uint32_t losses = 0;        // workers that vanished while they held it

    // Requires Task::state() == active for these.
    std::uint64_t nonce = 0;
    WorkerIndex worker = no_index;
    std::uint32_t estimate_us = 0;  // what the lease weighs in its worker's waiting work
    TaskIndex previous_lease = no_index;
    TaskIndex next_lease = no_index;
    bool recalled = false;  // the worker has been asked for it back
    // The time to expire has come meanwhile: that appointment is gone.
    bool expiry_fell_due = false;

    bool output_expired = false;
    DeadReason dead_reason = DeadReason::none;
    std::uint32_t thread = 0;
    std::uint32_t progress_permille = 0;
    std::int64_t started_at = 0;   // Unix milliseconds
    std::int64_t finished_at = 0;  // Unix milliseconds; of the task
    std::chrono::microseconds run{0};
    KeptBody output;

    // Of the last attempt; empty if there was none.
    [[nodiscard]] const Site& site() const;
    // One that is shared with all that ran there.
    void set_site(std::shared_ptr<const Site> site) { site_ = std::move(site); }
    [[nodiscard]] const std::optional<Error>& error() const;
    void set_error(std::optional<Error> error);
    [[nodiscard]] const std::string& progress_note() const;
    void set_progress_note(std::string note);

  private:
    struct Words {
        std::string progress_note;
        std::optional<Error> error;
    };
    static const Words no_words;

    // Null once there are none.
    void change_words(Words words);

    std::shared_ptr<const Site> site_;
    std::unique_ptr<Words> words_;
};
static_assert(sizeof(LastRun) == 128);

// Millions of these may wait: 128 bytes, with what only tasks have that ran set aside.
class alignas(cache_line_bytes) Task {
  public:
    TaskId id;
    TaskTerms terms;
    LaneIndex lane = no_index;
    // When this broker took it, in milliseconds of the steady clock, from zero again after 49 days.
    std::uint32_t taken_ms = 0;
    bool suspect = false;  // a process died while it ran: next time alone
    bool cancel_requested = false;
    bool fetched = false;  // its body was away, and has been read before its turn

  private:
    TaskState state_ = TaskState::queued;

  public:
    // All three in Unix milliseconds. When it may start, or start again; 0: at once.
    std::int64_t run_at = 0;
    std::int64_t expires_at = 0;  // 0: never
    std::int64_t created_at = 0;

    // Number of the record that it was accepted with; 0 if it is not journaled.
    std::uint64_t accepted_with = 0;
    // Its place in the lane: lower runs first. An entry of the lane with another ticket is void.
    std::uint64_t ticket = 0;
    // The session that waits for the end; more of them in Waiters.
    SessionId waiter = no_session;
    KeptBody body;

    // Since it was accepted, by the wall clock.
    [[nodiscard]] std::chrono::milliseconds age(Instant now) const {
        return std::chrono::milliseconds(std::max<std::int64_t>(0, now.unix_ms - created_at));
    }
    // Since this broker took it, whoever sets the clock meanwhile; at most 49 days.
    [[nodiscard]] std::chrono::milliseconds waited(Instant now) const {
        return std::chrono::milliseconds(short_ms(now) - taken_ms);
    }
    void take_now(Instant now) { taken_ms = short_ms(now); }
    // What it was submitted with, all times by the clock; run_at is the next one.
    [[nodiscard]] TaskOptions options() const;
    // All zero before the first attempt.
    [[nodiscard]] const LastRun& last() const { return last_ ? *last_ : never_ran; }
    [[nodiscard]] LastRun& edit_last();
    // Ask for last(), and for the memory of its output (prefetch.hpp).
    void prefetch_run() const {
        if (last_) {
            prefetch_object(*last_);
        }
    }
    void prefetch_output() const {
        if (last_) {
            last_->output.prefetch();
        }
    }

    [[nodiscard]] TaskState state() const { return state_; }
    // Whether its history is written down; what is not ends with the broker.
    [[nodiscard]] bool is_journaled() const { return terms.durability() != Durability::memory; }
    // Requires: the table allows it.
    void apply(Trigger trigger);
    [[nodiscard]] TaskResult result() const;
    // The same into one that is as new.
    void put_result(TaskResult& result) const;
    // What drop_result() would free.
    [[nodiscard]] std::uint64_t result_bytes() const;
    // Requires: it is final. Forgets the output, and all but the beginning of a long error text.
    void drop_result();

  private:
    static std::uint32_t short_ms(Instant now) {
        const auto since_start = std::chrono::floor<std::chrono::milliseconds>(now.steady);
        return static_cast<std::uint32_t>(since_start.time_since_epoch().count());
    }

    static const LastRun never_ran;

    std::unique_ptr<LastRun> last_;
};
static_assert(sizeof(Task) == 128);

}  // namespace penstock::broker
