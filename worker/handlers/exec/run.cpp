#include <memory>
#include <string>

#include "common/model/text.hpp"
#include "worker/handlers/exec/command.hpp"
#include "worker/handlers/exec/limits.hpp"
#include "worker/handlers/exec/offer.hpp"
#include "worker/sdk/arguments.hpp"
#include "worker/sdk/handler.hpp"

namespace penstock::worker::exec {
namespace {

// What the producer asks for.
struct Wish {
    std::vector<std::string> argv;
    std::chrono::milliseconds time_limit{0};
    std::size_t output_bytes_max = 0;
};

std::string offered_names() {
    std::string names;
    for (const Template& offered : offer().templates) {
        names += (names.empty() ? "" : ", ") + offered.name;
    }
    return names.empty() ? "none" : names;
}

const Template* read_command(Arguments& arguments) {
    const Value* name = arguments.value("command");
    if (name == nullptr) {
        arguments.reject("command", "missing; this worker offers: " + offered_names());
        return nullptr;
    }
    const Template* chosen =
        name->is_string() ? offer().find(name->get_ref<const std::string&>()) : nullptr;
    if (chosen == nullptr) {
        arguments.reject("command", text_of(*name) + " is not one of: " + offered_names());
    }
    return chosen;
}

Result<Wish> read_wish(const Value& args) {
    Arguments arguments(args);
    const Template* chosen = read_command(arguments);
    const Value* values = arguments.value("arguments");
    Wish wish;
    wish.time_limit = std::chrono::milliseconds(
        arguments.integer("time_limit_ms", time_limit_ms_range, time_limit_ms_default));
    wish.output_bytes_max = static_cast<std::size_t>(
        arguments.integer("output_bytes_max", output_bytes_range, output_bytes_range.max));
    if (const Result<void> checked = arguments.check(); !checked) {
        return tl::unexpected(checked.error());
    }
    return fill_in(*chosen, values).map([&](std::vector<std::string> argv) {
        wish.argv = std::move(argv);
        return wish;
    });
}

SharedBytes shared(std::string text) {
    if (text.empty()) {
        return {};
    }
    auto owner = std::make_shared<const std::string>(std::move(text));
    const ByteView view = as_byte_view(*owner);
    return {std::move(owner), view};
}

}  // namespace

// {"command", "arguments": {}, "time_limit_ms": 60000, "output_bytes_max": 33554432}: runs a
// command that this worker offers, with the payload as its standard input. Gives its standard
// output as payload, and {"exit", "stderr": its last 4 KiB, "ms"}.
Result<Output> run_offered(const Input& input, Context& context) {
    Result<Wish> wish = read_wish(input.args);
    if (!wish) {
        return tl::unexpected(wish.error());
    }
    Result<CommandEnd> end = run_command({std::move(wish->argv), offer().environment, input.payload,
                                          wish->time_limit, wish->output_bytes_max},
                                         context);
    if (!end) {
        return tl::unexpected(end.error());
    }
    return Output{.value = {{"exit", end->exit},
                            {"stderr", mended(end->standard_error)},
                            {"ms", end->time.count()}},
                  .payload = shared(std::move(end->standard_output))};
}

}  // namespace penstock::worker::exec
