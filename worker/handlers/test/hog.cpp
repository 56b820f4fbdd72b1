#include <cstddef>
#include <memory>

#include "worker/sdk/arguments.hpp"
#include "worker/sdk/handler.hpp"

namespace penstock::worker::test {

// {"mb": N}: holds N MiB of touched memory for a moment. Gives {"mb": N}.
Result<Output> hog(const Input& input, Context& /*context*/) {
    Arguments arguments(input.args);
    const std::int64_t mb = arguments.integer("mb", {1, 1'048'576});
    if (const Result<void> checked = arguments.check(); !checked) {
        return tl::unexpected(checked.error());
    }
    constexpr std::size_t page_bytes = 4096;
    const std::size_t bytes = static_cast<std::size_t>(mb) << 20U;
    const auto memory = std::make_unique_for_overwrite<volatile char[]>(bytes);
    for (std::size_t offset = 0; offset < bytes; offset += page_bytes) {
        memory[offset] = 1;
    }
    return Output{.value = {{"mb", mb}}, .payload = {}};
}

}  // namespace penstock::worker::test
