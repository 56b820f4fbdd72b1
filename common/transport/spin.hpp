// Looking again and again before sleeping. Waking a thread that sleeps takes tens of microseconds,
// and more where its core must be woken, too: longer than most answers on one machine take to come.
// But who looks in vain takes a core from those who work, so a thread looks only while that has
// paid off lately (docs/decisions/0012).
//
// Thread rule: one thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <sched.h>

namespace penstock::transport {

class Spin {
  public:
    // What comes later is not worth a core.
    static constexpr std::chrono::microseconds limit{200};
    // Threads that only pass something on keep a core for less.
    static constexpr std::chrono::microseconds crowded{30};

    // What whoever looks in vain does then. Who sleeps does so sooner when another thread has kept
    // the core for longer than an answer takes that is on its way: it will be woken on a core that
    // is idle, where who only yields stays in the queue of the one that is not.
    enum class Then : std::uint8_t { sleep, work };
    explicit Spin(Then then = Then::sleep) : then_(then) {}

    // Calls `look` until it returns true, at most for the time of `limit`, and lets other threads
    // have the core in between; or does not call it at all. False: nothing came.
    template <typename Look, typename Yield = int (*)()>
    [[nodiscard]] bool until(Look look, Yield yield = &::sched_yield) {
        using Clock = std::chrono::steady_clock;
        if (!is_worth_it()) {
            return false;
        }
        auto now = Clock::now();
        const auto end = now + limit;
        bool is_crowded = false;
        while (!look()) {
            if (is_crowded || now >= end) {
                credit_ = std::max(credit_ - 1, 0);
                return false;
            }
            const auto before = Clock::now();
            yield();
            now = Clock::now();
            is_crowded = then_ == Then::sleep && now - before > crowded;
        }
        credit_ = std::min(credit_ + 1, credit_max);
        return true;
    }

    // For a process that may run on several cores, but has a quota of less than two: one that looks
    // in vain would be stopped for it when it has work. Call before its threads begin.
    static void never() { never_ = true; }
    // Nor on one core, where nothing can come while somebody looks.
    [[nodiscard]] static bool is_ever() { return !never_; }

  private:
    inline static bool never_ = [] {
        cpu_set_t cores;
        return ::sched_getaffinity(0, sizeof cores, &cores) == 0 && CPU_COUNT(&cores) == 1;
    }();

    // Half of the times may be in vain: an answer that comes at once is followed by a pause.
    static constexpr int credit_max = 8;
    // Without credit only now and then, to find out whether times have changed.
    static constexpr int one_in = 16;

    [[nodiscard]] bool is_worth_it() {
        if (never_ || (credit_ == 0 && ++skipped_ < one_in)) {
            return false;
        }
        skipped_ = 0;
        return true;
    }

    Then then_;
    int credit_ = credit_max / 2;
    int skipped_ = 0;
};

}  // namespace penstock::transport
