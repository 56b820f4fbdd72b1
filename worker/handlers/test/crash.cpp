#include <csignal>
#include <string>

#include "worker/sdk/arguments.hpp"
#include "worker/sdk/handler.hpp"

namespace penstock::worker::test {

// {"signal": 9}: sends that signal to its own process.
Result<Output> crash(const Input& input, Context& /*context*/) {
    Arguments arguments(input.args);
    const std::int64_t number = arguments.integer("signal", {1, 31}, SIGKILL);
    if (const Result<void> checked = arguments.check(); !checked) {
        return tl::unexpected(checked.error());
    }
    std::raise(static_cast<int>(number));
    return fail(ErrorCode::failed, "the process survived signal " + std::to_string(number));
}

}  // namespace penstock::worker::test
