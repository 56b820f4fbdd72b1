#include <limits>
#include <optional>
#include <string>

#include "worker/sdk/arguments.hpp"
#include "worker/sdk/handler.hpp"

namespace penstock::worker::test {

// {}: always ends with ErrorCode::failed. {"until_attempt": N}: the first N attempts do, the next
// one gives {"attempt": its number}.
Result<Output> fail_attempt(const Input& input, Context& context) {
    Arguments arguments(input.args);
    const std::optional<std::int64_t> until =
        arguments.optional_integer("until_attempt", {0, std::numeric_limits<std::uint32_t>::max()});
    if (const Result<void> checked = arguments.check(); !checked) {
        return tl::unexpected(checked.error());
    }
    if (!until || context.attempt() <= *until) {
        return fail(ErrorCode::failed,
                    "attempt " + std::to_string(context.attempt()) + " failed as it was told to");
    }
    return Output{.value = {{"attempt", context.attempt()}}, .payload = {}};
}

}  // namespace penstock::worker::test
