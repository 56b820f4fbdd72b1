#include <chrono>
#include <string>

#include "worker/handlers/arguments.hpp"
#include "worker/handlers/math/math.hpp"
#include "worker/handlers/math/time_range.hpp"

namespace penstock::worker::math {

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
