#include <chrono>
#include <ctime>
#include <string>

#include "worker/handlers/math/time_range.hpp"
#include "worker/sdk/arguments.hpp"
#include "worker/sdk/handler.hpp"

namespace penstock::worker::math {
namespace {

// Between two looks at the clock: about 30 microseconds, so that looking costs next to nothing and
// the end is hit well within a millisecond.
constexpr int iterations_per_look = 10'000;

// What this thread has computed so far. Wall time would count waiting for a core as computing.
std::chrono::nanoseconds thread_cpu_time() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

}  // namespace

// {"ms": N, "ignore_cancel": false}: computes for N milliseconds of the thread's own CPU time.
// Gives {"iterations": how often the loop went round}.
Result<Output> spin(const Input& input, Context& context) {
    Arguments arguments(input.args);
    const std::int64_t ms = arguments.integer("ms", time_range_ms);
    const bool ignore_cancel = arguments.boolean("ignore_cancel", false);
    if (const Result<void> checked = arguments.check(); !checked) {
        return tl::unexpected(checked.error());
    }
    const auto end = thread_cpu_time() + std::chrono::milliseconds(ms);
    std::int64_t iterations = 0;
    std::uint32_t n = 1;
    while (thread_cpu_time() < end) {
        if (!ignore_cancel && context.cancelled()) {
            return fail(ErrorCode::cancelled,
                        "cancelled while it computed for " + std::to_string(ms) + " ms");
        }
        for (int i = 0; i < iterations_per_look; ++i) {
            n = (n * 17 + 13) % 99'991;
        }
        // Read by nobody, but the compiler must believe that somebody does.
        [[maybe_unused]] volatile std::uint32_t seen = n;
        iterations += iterations_per_look;
    }
    return Output{.value = {{"iterations", iterations}}, .payload = {}};
}

}  // namespace penstock::worker::math
