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

// One word that a field may hold, and what it stands for.
template <typename T>
struct Choice {
    std::string_view word;
    T meaning;
};

// "1..16384", as error messages write a range.
[[nodiscard]] std::string text_of(IntegerRange range);
// The value as a person would write it, cut to a readable length.
[[nodiscard]] std::string text_of(const Value& value);

// The fields of an argument object. Reading never stops a handler: the first mistake is kept, the
// fallback is returned instead, and check() tells.
class Arguments {
  public:
    // Nil counts as an object without fields. `args` must outlive this object.
    explicit Arguments(const Value& args);

    // A field that must be there.
    [[nodiscard]] std::int64_t integer(std::string_view field, IntegerRange allowed);
    // Fields that may be absent.
    [[nodiscard]] std::int64_t integer(std::string_view field, IntegerRange allowed,
                                       std::int64_t fallback);
    [[nodiscard]] std::optional<std::int64_t> optional_integer(std::string_view field,
                                                               IntegerRange allowed);
    [[nodiscard]] bool boolean(std::string_view field, bool fallback);
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

    // Ends the reading: the first mistake, which may be a field that was never asked for.
    [[nodiscard]] Result<void> check();

  private:
    // The field's value, or null if it is absent. Remembers that the field is known.
    const Value* find(std::string_view field);
    std::optional<std::size_t> index_of_word(std::string_view field,
                                             std::span<const std::string_view> words);
    void reject(std::string message);
    void reject_unknown_field(const std::string& field);

    const Value* fields_ = nullptr;  // null if there are none
    std::vector<std::string_view> known_;
    std::optional<std::string> mistake_;
};

// Reads a whole number; anything else is ErrorCode::rejected.
[[nodiscard]] Result<std::int64_t> integer_from(const Value& value, IntegerRange allowed);

}  // namespace penstock::worker
