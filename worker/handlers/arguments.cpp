#include "worker/handlers/arguments.hpp"

#include <algorithm>
#include <limits>

namespace penstock::worker {
namespace {

constexpr std::size_t quoted_bytes_max = 40;

// The whole number if it fits 64 bits with sign. Requires: is_number_integer().
std::optional<std::int64_t> representable(const Value& value) {
    constexpr auto max = std::uint64_t{std::numeric_limits<std::int64_t>::max()};
    if (value.is_number_unsigned() && value.get<std::uint64_t>() > max) {
        return std::nullopt;
    }
    return value.get<std::int64_t>();
}

std::string in_quotes(std::string_view text) {
    return "'" + std::string(text) + "'";
}

std::string joined(std::span<const std::string_view> words) {
    std::string text;
    for (const std::string_view word : words) {
        text += text.empty() ? "" : ", ";
        text += word;
    }
    return text.empty() ? "none" : text;
}

// Single-letter edits between two words (Levenshtein).
std::size_t edits_between(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) {
        row[j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row[b.size()];
}

// The word that was probably meant, or nothing.
std::optional<std::string_view> nearest(std::string_view word,
                                        std::span<const std::string_view> known) {
    constexpr std::size_t edits_max = 2;
    constexpr std::size_t length_max = 64;
    if (word.size() > length_max) {
        return std::nullopt;
    }
    std::optional<std::string_view> best;
    std::size_t fewest = edits_max + 1;
    for (const std::string_view candidate : known) {
        const std::size_t edits = edits_between(word, candidate);
        if (edits < fewest && edits < candidate.size()) {
            fewest = edits;
            best = candidate;
        }
    }
    return best;
}

}  // namespace

std::string text_of(IntegerRange range) {
    return std::to_string(range.min) + ".." + std::to_string(range.max);
}

std::string text_of(const Value& value) {
    if (value.is_array()) {
        return "an array";
    }
    if (value.is_object()) {
        return "an object";
    }
    if (value.is_binary()) {
        return "binary data";
    }
    if (!value.is_string()) {
        return json_from_value(value);
    }
    const std::string& whole = value.get_ref<const std::string&>();
    if (whole.size() <= quoted_bytes_max) {
        const std::string json = json_from_value(value);
        return in_quotes(std::string_view(json).substr(1, json.size() - 2));
    }
    // Written as JSON again because the cut may go through a character.
    const std::string json = json_from_value(whole.substr(0, quoted_bytes_max));
    return in_quotes(json.substr(1, json.size() - 2) + "...");
}

Arguments::Arguments(const Value& args) {
    if (args.is_object()) {
        fields_ = &args;
        return;
    }
    if (!args.is_null()) {
        reject("the arguments must be an object with fields, not " + text_of(args));
    }
}

std::int64_t Arguments::integer(std::string_view field, IntegerRange allowed) {
    const std::optional<std::int64_t> number = optional_integer(field, allowed);
    if (!number) {
        // Kept only if the field is absent: any other mistake came first.
        reject(std::string(field) + ": missing; allowed " + text_of(allowed));
    }
    return number.value_or(allowed.min);
}

std::int64_t Arguments::integer(std::string_view field, IntegerRange allowed,
                                std::int64_t fallback) {
    return optional_integer(field, allowed).value_or(fallback);
}

std::optional<std::int64_t> Arguments::optional_integer(std::string_view field,
                                                        IntegerRange allowed) {
    const Value* value = find(field);
    if (value == nullptr) {
        return std::nullopt;
    }
    const Result<std::int64_t> number = integer_from(*value, allowed);
    if (!number) {
        reject(std::string(field) + ": " + number.error().message);
        return std::nullopt;
    }
    return *number;
}

bool Arguments::boolean(std::string_view field, bool fallback) {
    const Value* value = find(field);
    if (value == nullptr) {
        return fallback;
    }
    if (!value->is_boolean()) {
        reject(std::string(field) + ": " + text_of(*value) + " is not true or false");
        return fallback;
    }
    return value->get<bool>();
}

Result<void> Arguments::check() {
    if (fields_ != nullptr) {
        for (const auto& [field, value] : fields_->items()) {
            if (std::find(known_.begin(), known_.end(), field) == known_.end()) {
                reject_unknown_field(field);
            }
        }
    }
    if (mistake_) {
        return fail(ErrorCode::rejected, *mistake_);
    }
    return {};
}

const Value* Arguments::find(std::string_view field) {
    known_.push_back(field);
    if (fields_ == nullptr) {
        return nullptr;
    }
    const auto found = fields_->find(field);
    return found == fields_->end() ? nullptr : &*found;
}

std::optional<std::size_t> Arguments::index_of_word(std::string_view field,
                                                    std::span<const std::string_view> words) {
    const Value* value = find(field);
    if (value == nullptr) {
        return std::nullopt;
    }
    if (value->is_string()) {
        const auto found =
            std::find(words.begin(), words.end(), value->get_ref<const std::string&>());
        if (found != words.end()) {
            return static_cast<std::size_t>(found - words.begin());
        }
    }
    reject(std::string(field) + ": " + text_of(*value) + " is not one of: " + joined(words));
    return std::nullopt;
}

void Arguments::reject(std::string message) {
    if (!mistake_) {
        mistake_ = std::move(message);
    }
}

void Arguments::reject_unknown_field(const std::string& field) {
    const std::optional<std::string_view> meant = nearest(field, known_);
    reject("unknown field " + text_of(Value(field)) +
           (meant ? " (did you mean " + in_quotes(*meant) + "?)" : "") +
           "; known fields: " + joined(known_));
}

Result<std::int64_t> integer_from(const Value& value, IntegerRange allowed) {
    if (!value.is_number_integer()) {
        return fail(ErrorCode::rejected,
                    text_of(value) + " is not a whole number; allowed " + text_of(allowed));
    }
    const std::optional<std::int64_t> number = representable(value);
    if (!number || *number < allowed.min || *number > allowed.max) {
        return fail(ErrorCode::rejected,
                    text_of(value) + " is out of range; allowed " + text_of(allowed));
    }
    return *number;
}

}  // namespace penstock::worker
