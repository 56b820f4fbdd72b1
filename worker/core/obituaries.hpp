// Deaths that have not been noted yet: each is kept until the other side confirms it, and told
// again to whoever takes over there. The supervisor keeps them for the reporter, the reporter for
// the broker.
//
// Thread rule: owned by one thread. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "common/protocol/message.hpp"

namespace penstock::worker {

class Obituaries {
  public:
    // Beyond so many the oldest are forgotten: by then the broker has long missed the heartbeats
    // of those workers and drawn its own conclusion.
    static constexpr std::size_t kept_max = 1'000;

    // Requires: a number larger than all before.
    void add(protocol::Obituary obituary);
    void noted(std::uint64_t number);
    void tell_all_again() { told_ = 0; }

    // The next one to tell, or null. Valid until the next call of another member.
    [[nodiscard]] const protocol::Obituary* next_untold() const;
    void told();
    [[nodiscard]] bool empty() const { return kept_.empty(); }

  private:
    std::deque<protocol::Obituary> kept_;  // oldest first
    std::size_t told_ = 0;                 // so many, from the front, have been told
};

}  // namespace penstock::worker
