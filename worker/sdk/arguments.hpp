// Checked reading of what a producer sent: every mistake becomes ErrorCode::rejected with a message
// that names the field and what is allowed there.
//
//     Arguments arguments(input.args);
//     const std::int64_t width = arguments.integer("width", {1, 16384}, 800);
//     if (const Result<void> checked = arguments.check(); !checked) {
//         return tl::unexpected(checked.error());
//     }
//
// Thread rule: a value on the stack of one handler.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/model/result.hpp"
#include "common/protocol/value.hpp"

namespace penstock::worker {

// Both ends are allowed.
struct IntegerRange {
    std::int64_t min = 0;
    std::int64_t max = 0;
};

// Both ends are allowed.
struct NumberRange {
    double min = 0;
    double max = 0;
};

// One word that a field may hold, and what it stands for.
template <typename T>
struct Choice {
    std::string_view word;
    T meaning;
};

// "1..16384" or "0.3..100", as error messages write a range.
[[nodiscard]] std::string text_of(IntegerRange range);
[[nodiscard]] std::string text_of(NumberRange range);
// The value as a person would write it, cut to a readable length.
[[nodiscard]] std::string text_of(const Value& value);

// The fields of an argument object. Reading never stops a handler: the first mistake is kept, the
// fallback is returned instead, and check() tells.
class Arguments {
  public:
    // Nil counts as an object without fields. `args` must outlive this object. `path` is where the
    // object stands in a larger one, such as "steps[2].blur"; messages begin with it.
    explicit Arguments(const Value& args, std::string path = {});

    // Fields that must be there.
    [[nodiscard]] std::int64_t integer(std::string_view field, IntegerRange allowed);
    [[nodiscard]] double number(std::string_view field, NumberRange allowed);
    // The elements of an array. Valid as long as the arguments.
    [[nodiscard]] std::span<const Value> list(std::string_view field, IntegerRange length);
    // Fields that may be absent.
    [[nodiscard]] std::int64_t integer(std::string_view field, IntegerRange allowed,
                                       std::int64_t fallback);
    [[nodiscard]] std::optional<std::int64_t> optional_integer(std::string_view field,
                                                               IntegerRange allowed);
    // Whole or not.
    [[nodiscard]] double number(std::string_view field, NumberRange allowed, double fallback);
    [[nodiscard]] std::optional<double> optional_number(std::string_view field,
                                                        NumberRange allowed);
    [[nodiscard]] bool boolean(std::string_view field, bool fallback);
    // Text of so many bytes; a view into the arguments. A message tells what is wrong with its
    // length or kind and never shows it, for it may be a secret.
    [[nodiscard]] std::optional<std::string_view> optional_text(std::string_view field,
                                                                IntegerRange allowed_bytes);
    // Such text that must be there.
    [[nodiscard]] std::string_view text(std::string_view field, IntegerRange allowed_bytes);
    // For what the handler reads itself: the field as it came, or null if it is absent. Valid as
    // long as the arguments; the name must live as long as this object, as for every field.
    [[nodiscard]] const Value* value(std::string_view field) { return find(field); }
    template <typename T, std::size_t count>
    [[nodiscard]] T choice(std::string_view field, const std::array<Choice<T>, count>& choices,
                           T fallback) {
        std::array<std::string_view, count> words;
        for (std::size_t i = 0; i < count; ++i) {
            words[i] = choices[i].word;
        }
        const std::optional<std::size_t> index = index_of_word(field, words);
        return index ? choices[*index].meaning : fallback;
    }

    // A mistake that only the handler can see: in a field, or in what several mean together. The
    // texts must not show what may be a secret.
    void reject(std::string_view field, std::string_view why);
    void reject(std::string message);
    // The field as messages name it, for a mistake that shows after the reading.
    [[nodiscard]] std::string path_of(std::string_view field) const;

    // Ends the reading: the first mistake, which may be a field that was never asked for.
    [[nodiscard]] Result<void> check();

  private:
    // The field's value, or null if it is absent. Remembers that the field is known.
    const Value* find(std::string_view field);
    std::optional<std::size_t> index_of_word(std::string_view field,
                                             std::span<const std::string_view> words);
    // In front of what is said about the object as a whole.
    [[nodiscard]] std::string prefix() const { return path_.empty() ? "" : path_ + ": "; }
    void reject_unknown_field(const std::string& field);

    std::string path_;
    const Value* fields_ = nullptr;  // null if there are none
    std::vector<std::string_view> known_;
    std::optional<std::string> mistake_;
};

// Reads a whole number; anything else is ErrorCode::rejected.
[[nodiscard]] Result<std::int64_t> integer_from(const Value& value, IntegerRange allowed);

}  // namespace penstock::worker
