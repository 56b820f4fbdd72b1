#include <array>
#include <string>
#include <utility>
#include <vector>

#include "worker/handlers/image/operations.hpp"
#include "worker/handlers/image/perform.hpp"

namespace penstock::worker::image {
namespace {

// Each step may go over all pixels of a large picture.
constexpr IntegerRange steps_range{1, 16};

constexpr std::array operations{
    Choice<ReadOperation>{"blur", read_blur},
    Choice<ReadOperation>{"crop", read_crop},
    Choice<ReadOperation>{"grayscale", read_grayscale},
    Choice<ReadOperation>{"resize", read_resize},
    Choice<ReadOperation>{"rotate", read_rotate},
    Choice<ReadOperation>{"sharpen", read_sharpen},
};

std::string known_operations() {
    std::string words;
    for (const Choice<ReadOperation>& operation : operations) {
        words += words.empty() ? "" : ", ";
        words += operation.word;
    }
    return words;
}

ReadOperation operation_called(const std::string& word) {
    for (const Choice<ReadOperation>& operation : operations) {
        if (operation.word == word) {
            return operation.meaning;
        }
    }
    return nullptr;
}

// {"blur": {"sigma": 2}}
Result<Step> read_step(const Value& value, const std::string& path) {
    if (!value.is_object() || value.size() != 1) {
        return fail(ErrorCode::rejected, path +
                                             R"(: not an object with one field, as {"blur":{}}; )"
                                             "allowed is one of: " +
                                             known_operations());
    }
    const std::string& word = value.begin().key();
    const ReadOperation read = operation_called(word);
    if (read == nullptr) {
        return fail(ErrorCode::rejected,
                    path + ": " + text_of(Value(word)) + " is not one of: " + known_operations());
    }
    Step step{.path = path + "." + word, .operation = {}};
    Arguments arguments(value.begin().value(), step.path);
    step.operation = read(arguments);
    return arguments.check().map([&] { return std::move(step); });
}

Result<std::vector<Step>> read_steps(std::span<const Value> values) {
    std::vector<Step> steps;
    for (std::size_t i = 0; i < values.size(); ++i) {
        Result<Step> step = read_step(values[i], "steps[" + std::to_string(i) + "]");
        if (!step) {
            return tl::unexpected(step.error());
        }
        steps.push_back(*std::move(step));
    }
    return steps;
}

}  // namespace

// The payload after several operations, decoded once and encoded once.
Result<Output> pipeline(const Input& input, Context& context) {
    Arguments arguments(input.args);
    const std::span<const Value> values = arguments.list("steps", steps_range);
    const Encoding encoding = read_encoding(arguments);
    return arguments.check()
        .and_then([&] { return read_steps(values); })
        .and_then([&](const std::vector<Step>& steps) {
            return perform(input.payload, steps, encoding, context);
        });
}

}  // namespace penstock::worker::image
