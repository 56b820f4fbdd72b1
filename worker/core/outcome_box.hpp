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

class OutcomeBox {
  public:
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
    std::deque<protocol::Outcome> outcomes_;  // oldest first
    std::size_t sent_ = 0;                    // so many, from the front, have been sent
};

}  // namespace penstock::worker
