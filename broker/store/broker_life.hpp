// One life of the broker: the scheduler on its journal, in the order on which all promises rest.
// What a turn decides is appended before anything of it leaves; what becomes durable lets promises
// leave; what nobody needs any more is trimmed when what replaces it is safe.
//
// Thread rule: one thread.
#pragma once

#include <functional>
#include <span>

#include "broker/core/scheduler.hpp"
#include "broker/store/journal.hpp"

namespace penstock::broker {

class BrokerLife {
  public:
    // Requires: `journal` outlives it. `seed` as Scheduler's.
    BrokerLife(const Settings& settings, Journal& journal, std::uint64_t seed, Instant now)
        : journal_(journal), scheduler_(settings, seed, now) {}

    // Reads the journal and makes the new epoch durable. Call once, first. Errors: the journal's.
    [[nodiscard]] Result<void> recover(Instant now);
    // From now on there are events. Call once, second.
    void begin(Instant now);

    // How far the journal had come when it was last looked at.
    [[nodiscard]] Sequence durable() const { return durable_; }
    // Where events go.
    [[nodiscard]] Scheduler& scheduler() { return scheduler_; }
    // Decides what follows from them. `carry_out` sends, and forgets who ended; it may handle
    // further events. Errors: the journal's; nothing can be promised any more.
    using CarryOut = std::function<void(Effects&)>;
    [[nodiscard]] Result<void> turn(Instant now, const CarryOut& carry_out);
    // The last turn has left something to do: the next one should follow when others have been
    // heard, whatever the scheduler's next deadline is.
    [[nodiscard]] bool has_more() const { return has_more_; }

  private:
    // False: nothing was wanted.
    [[nodiscard]] Result<bool> read_wanted_bodies(Instant now);

    Journal& journal_;
    Scheduler scheduler_;
    Effects effects_;
    Epoch epoch_;
    Sequence durable_ = 0;
    bool has_more_ = false;
};

// Puts the bodies into the entries that say where they are. Errors: the journal's.
[[nodiscard]] Result<void> read_bodies(Journal& journal, std::span<ArchiveEntry> entries);

}  // namespace penstock::broker
