// Lets so many in at a time; the others wait in the order in which they came.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>

namespace penstock::gateway {

// Thread rule: any thread. A mutex, for whoever leaves lets the next one in. What it calls must
// return soon and may not call back.
class Turnstile {
  public:
    using Ticket = std::uint64_t;

    explicit Turnstile(std::uint32_t places) : free_(places) {}

    // Calls `go` once there is a place, perhaps at once. The place is held until leave().
    Ticket enter(std::function<void()> go);
    void leave();
    // Waits no longer. False if the place was given already: leave() it.
    bool give_up(Ticket ticket);

  private:
    std::mutex mutex_;
    std::uint32_t free_;
    Ticket next_ = 1;
    std::map<Ticket, std::function<void()>> waiting_;
};

}  // namespace penstock::gateway
