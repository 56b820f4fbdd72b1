#include "worker/sdk/arguments.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include "worker/sdk/spelling.hpp"

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

// As short as it can be read back: "0.3", and "100" without a point.
std::string shortest(double number) {
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    return {digits.data(), end};
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

// A number, whole or not.
Result<double> number_from(const Value& value, NumberRange allowed) {
    if (!value.is_number()) {
        return fail(ErrorCode::rejected,
                    text_of(value) + " is not a number; allowed " + text_of(allowed));
    }
    const auto number = value.get<double>();
    // Written so that what is not a number at all, NaN, is out of range too.
    if (!(number >= allowed.min && number <= allowed.max)) {
        return fail(ErrorCode::rejected,
                    text_of(value) + " is out of range; allowed " + text_of(allowed));
    }
    return number;
}

}  // namespace

std::string text_of(IntegerRange range) {
    return std::to_string(range.min) + ".." + std::to_string(range.max);
}

std::string text_of(NumberRange range) {
    return shortest(range.min) + ".." + shortest(range.max);
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

Arguments::Arguments(const Value& args, std::string path) : path_(std::move(path)) {
    if (args.is_object()) {
        fields_ = &args;
        return;
    }
    if (!args.is_null()) {
        reject((path_.empty() ? "the arguments must be" : path_ + ": must be") +
               " an object with fields, not " + text_of(args));
    }
}

std::int64_t Arguments::integer(std::string_view field, IntegerRange allowed) {
    const std::optional<std::int64_t> number = optional_integer(field, allowed);
    if (!number) {
        // Kept only if the field is absent: any other mistake came first.
        reject(field, "missing; allowed " + text_of(allowed));
    }
    return number.value_or(allowed.min);
}

double Arguments::number(std::string_view field, NumberRange allowed) {
    const std::optional<double> number = optional_number(field, allowed);
    if (!number) {
        // As above.
        reject(field, "missing; allowed " + text_of(allowed));
    }
    return number.value_or(allowed.min);
}

std::span<const Value> Arguments::list(std::string_view field, IntegerRange length) {
    const std::string allowed = "; allowed " + text_of(length) + " elements";
    const Value* value = find(field);
    if (value == nullptr) {
        reject(field, "missing" + allowed);
        return {};
    }
    if (!value->is_array()) {
        reject(field, text_of(*value) + " is not an array" + allowed);
        return {};
    }
    const auto& elements = value->get_ref<const Value::array_t&>();
    const auto count = static_cast<std::int64_t>(elements.size());
    if (count < length.min || count > length.max) {
        reject(field, "has " + std::to_string(count) + " elements" + allowed);
        return {};
    }
    return {elements.data(), elements.size()};
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
        reject(field, number.error().message);
        return std::nullopt;
    }
    return *number;
}

double Arguments::number(std::string_view field, NumberRange allowed, double fallback) {
    return optional_number(field, allowed).value_or(fallback);
}

std::optional<double> Arguments::optional_number(std::string_view field, NumberRange allowed) {
    const Value* value = find(field);
    if (value == nullptr) {
        return std::nullopt;
    }
    const Result<double> number = number_from(*value, allowed);
    if (!number) {
        reject(field, number.error().message);
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
        reject(field, text_of(*value) + " is not true or false");
        return fallback;
    }
    return value->get<bool>();
}

std::optional<std::string_view> Arguments::optional_text(std::string_view field,
                                                         IntegerRange allowed_bytes) {
    const Value* value = find(field);
    if (value == nullptr) {
        return std::nullopt;
    }
    if (!value->is_string()) {
        reject(field, std::string(value->type_name()) + " where text is wanted; allowed " +
                          text_of(allowed_bytes) + " bytes");
        return std::nullopt;
    }
    const std::string_view text = value->get_ref<const std::string&>();
    const auto bytes = static_cast<std::int64_t>(text.size());
    if (bytes < allowed_bytes.min || bytes > allowed_bytes.max) {
        reject(field, "the text has " + std::to_string(bytes) + " bytes; allowed " +
                          text_of(allowed_bytes));
        return std::nullopt;
    }
    return text;
}

std::string_view Arguments::text(std::string_view field, IntegerRange allowed_bytes) {
    const std::optional<std::string_view> found = optional_text(field, allowed_bytes);
    if (!found) {
        // Kept only if the field is absent: any other mistake came first.
        reject(field, "missing; allowed text of " + text_of(allowed_bytes) + " bytes");
    }
    return found.value_or(std::string_view());
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
    reject(field, text_of(*value) + " is not one of: " + joined(words));
    return std::nullopt;
}

void Arguments::reject(std::string_view field, std::string_view why) {
    reject(path_of(field) + ": " + std::string(why));
}

std::string Arguments::path_of(std::string_view field) const {
    return path_ + (path_.empty() ? "" : ".") + std::string(field);
}

void Arguments::reject(std::string mistake) {
    if (!mistake_) {
        mistake_ = std::move(mistake);
    }
}

void Arguments::reject_unknown_field(const std::string& field) {
    const std::optional<std::string_view> meant = nearest(field, known_);
    reject(prefix() + "unknown field " + text_of(Value(field)) +
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
