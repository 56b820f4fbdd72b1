#include <algorithm>
#include <string>

#include "bench/scheduler_bed.hpp"
#include "bench/system/workloads.hpp"

namespace penstock::bench {
namespace {

struct Size {
    std::uint32_t workers = 0;
    std::uint64_t queues = 0;
};

// As many runs as fit into the duration, each queue in its turn.
class ScaledSide {
  public:
    explicit ScaledSide(const Size& size) : size_(size), bed_(size.workers, 1, 0) {
        // Something that nobody takes waits in each queue, as in a house that is busy.
        bed_.open_queues(size.queues);
    }

    [[nodiscard]] Measured live(Duration duration) {
        Measured measured;
        const TimePoint start = steady_now();
        while (steady_now() - start < duration) {
            const std::uint64_t queue = next_++ % size_.queues;
            const std::size_t completed = bed_.live("queue-" + std::to_string(queue));
            measured.answers += completed;
            measured.faults += SchedulerBed::batch - completed;
        }
        measured.elapsed = steady_now() - start;
        return measured;
    }

  private:
    Size size_;
    SchedulerBed bed_;
    std::uint64_t next_ = 0;
};

}  // namespace

Result<std::vector<ScaleRow>> run_scale(Turns& turns, Duration duration) {
    constexpr Size small{10, 10};
    constexpr Size large{10'000, 1'000};
    ScaledSide few(small);
    ScaledSide many(large);
    const Result<Rounds> rounds = turns.run(
        "scale", {[&] { return few.live(duration); }, [&] { return many.live(duration); }});
    if (!rounds) {
        return tl::unexpected(rounds.error());
    }
    const auto us_per_task = [](const Measured& measured) { return 1e6 / measured.per_second(); };
    return std::vector<ScaleRow>{
        {large.workers, large.queues, small.workers, small.queues,
         compare(figures(rounds->at(1), us_per_task), figures(rounds->at(0), us_per_task))}};
}

}  // namespace penstock::bench
