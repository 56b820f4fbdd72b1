// The two clocks of one party. The steady one starts anywhere and drifts; the wall clock is set by
// somebody now and then.
//
// Thread rule: a value.
#pragma once

#include <algorithm>

#include "common/model/time.hpp"
#include "tests/simulation/chance.hpp"

namespace penstock::simulation {

class Clock {
  public:
    // `drift` in parts per million, more than -1,000,000.
    Clock(Nanos now, Nanos steady, std::int64_t unix_ms, std::int64_t drift)
        : since_(now), steady_(steady), unix_ms_(unix_ms), drift_(drift) {}

    [[nodiscard]] Instant at(Nanos now) const {
        const Nanos passed = now - since_;
        const Nanos own = passed + passed * drift_ / million;
        return {TimePoint(Duration(steady_ + own)), unix_ms_ + own / millisecond};
    }
    // When this clock will have reached `due`, or somewhat earlier if that is far away.
    [[nodiscard]] Nanos when(TimePoint due) const {
        const Nanos own = std::min<Nanos>(due.time_since_epoch().count() - steady_, 1'000 * second);
        return since_ + own * million / (million + drift_) + microsecond;
    }
    void set_wall(std::int64_t forward_ms) { unix_ms_ += forward_ms; }

  private:
    static constexpr std::int64_t million = 1'000'000;

    Nanos since_;
    Nanos steady_;
    std::int64_t unix_ms_;
    std::int64_t drift_;
};

}  // namespace penstock::simulation
