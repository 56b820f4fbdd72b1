#include <csignal>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

#include "worker/sdk/arguments.hpp"
#include "worker/sdk/handler.hpp"

namespace penstock::worker::test {

// {"signal": 9}: sends that signal to its own process. {"words": TEXT}: says that on stderr first.
Result<Output> crash(const Input& input, Context& /*context*/) {
    Arguments arguments(input.args);
    const std::int64_t number = arguments.integer("signal", {1, 31}, SIGKILL);
    const std::optional<std::string_view> words = arguments.optional_text("words", {1, 1'000});
    if (const Result<void> checked = arguments.check(); !checked) {
        return tl::unexpected(checked.error());
    }
    if (words) {
        const std::string line = std::string(*words) + "\n";
        static_cast<void>(std::fputs(line.c_str(), stderr));
    }
    std::raise(static_cast<int>(number));
    return fail(ErrorCode::failed, "the process survived signal " + std::to_string(number));
}

}  // namespace penstock::worker::test
