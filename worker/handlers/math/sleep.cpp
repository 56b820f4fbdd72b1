#include <chrono>
#include <string>

#include "worker/handlers/math/time_range.hpp"
#include "worker/sdk/arguments.hpp"
#include "worker/sdk/handler.hpp"

namespace penstock::worker::math {

// {"ms": N}: waits, computing nothing; ends early when cancelled. Gives {"slept_ms": N}.
Result<Output> sleep(const Input& input, Context& context) {
    Arguments arguments(input.args);
    const std::int64_t ms = arguments.integer("ms", time_range_ms);
    if (const Result<void> checked = arguments.check(); !checked) {
        return tl::unexpected(checked.error());
    }
    if (context.wait_for_cancel(std::chrono::milliseconds(ms))) {
        return fail(ErrorCode::cancelled,
                    "cancelled while it slept for " + std::to_string(ms) + " ms");
    }
    return Output{.value = {{"slept_ms", ms}}, .payload = {}};
}

}  // namespace penstock::worker::math
