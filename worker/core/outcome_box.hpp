// The outcomes that the broker has not settled yet: each is kept until SETTLED names it, and sent
// again after joining again.
//
// Thread rule: owned by one thread. Pure.
#pragma once

#include <cstddef>
#include <deque>
#include <vector>

#include "common/protocol/message.hpp"

namespace penstock::worker {

// What one message may hold; the wire's own limits, handed in by the shell.
struct BatchLimits {
    std::size_t items_max = 0;          // outcomes, leases or reports
    std::size_t inline_body_max = 0;    // bytes; a longer body travels in a frame of its own
    std::size_t inline_bytes_max = 0;   // in the header frame, above which a batch is closed
    std::size_t message_bytes_max = 0;  // of all its bodies, which leaves room for the header
};

class OutcomeBox {
  public:
    explicit OutcomeBox(const BatchLimits& limits) : limits_(limits) {}

    void add(protocol::Outcome outcome) { outcomes_.push_back(std::move(outcome)); }
    // Forgets the oldest sent outcome of each of these tasks.
    void settle(const std::vector<TaskId>& tasks);
    // Everything has to be sent (again).
    void send_all_again() { sent_ = 0; }
    void clear();

    // What has not been sent yet, in messages that keep the limits of the wire. Marks it as sent.
    [[nodiscard]] std::vector<protocol::OutcomeBatch> take_unsent(Epoch epoch);

    [[nodiscard]] bool empty() const { return outcomes_.empty(); }
    [[nodiscard]] const std::deque<protocol::Outcome>& all() const { return outcomes_; }

  private:
    BatchLimits limits_;
    std::deque<protocol::Outcome> outcomes_;  // oldest first
    std::size_t sent_ = 0;                    // so many, from the front, have been sent
};

}  // namespace penstock::worker
