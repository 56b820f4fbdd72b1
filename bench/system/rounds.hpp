// Runs sides in turns, so that what the machine does meanwhile meets all of them.
//
// Thread rule: used by main().
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "bench/system/measured.hpp"
#include "common/model/result.hpp"
#include "common/process/shutdown.hpp"

namespace penstock::bench {

// What has been asked of all sides together, so far.
struct Tally {
    std::uint64_t answers = 0;
    std::uint64_t faults = 0;
};

using Side = std::function<Measured()>;
// Per side, in the order in which they were given; one entry per round.
using Rounds = std::vector<std::vector<Measured>>;

class Turns {
  public:
    // `signals` outlives this.
    Turns(std::size_t rounds, process::SignalQueue& signals) : rounds_(rounds), signals_(signals) {}

    // Each side once per round, in an order that turns around every time, after one round that
    // only warms up: it counts for the tally, not for the result. Tells on stderr how far it is,
    // `label` in front.
    // Errors: unavailable (a side gave no right answer at all), cancelled (a signal came).
    [[nodiscard]] Result<Rounds> run(const std::string& label, const std::vector<Side>& sides);

    // One run of one side, for the tally only. Errors: as those of run().
    [[nodiscard]] Result<Measured> once(const std::string& label, const Side& side);

    [[nodiscard]] const Tally& tally() const { return tally_; }

  private:
    std::size_t rounds_;
    process::SignalQueue& signals_;
    Tally tally_;
};

// A figure of each round of one side.
template <typename Figure>
[[nodiscard]] std::vector<double> figures(const std::vector<Measured>& rounds, Figure figure) {
    std::vector<double> values;
    for (const Measured& measured : rounds) {
        values.push_back(figure(measured));
    }
    return values;
}

}  // namespace penstock::bench
