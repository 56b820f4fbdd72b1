#include "worker/handlers/crypto/encoded_hash.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

#include "worker/handlers/crypto/limits.hpp"

namespace penstock::worker::crypto {
namespace {

// KiB. Less than crypto.password_hash would take, so that old hashes can be checked; 8 is the least
// that argon2 can work with.
constexpr IntegerRange memory_kib_range{8, memory_mib_range.max * 1024};
// Other software computes several lanes at a time; here they share the same memory and time.
constexpr IntegerRange lanes_range{1, 64};

// Takes the fixed text off the front.
bool take(std::string_view& text, std::string_view expected) {
    const bool there = text.starts_with(expected);
    text.remove_prefix(there ? expected.size() : 0);
    return there;
}

// Takes a decimal number without a sign off the front.
std::optional<std::int64_t> take_number(std::string_view& text) {
    std::uint32_t number = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) {
        return std::nullopt;
    }
    text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
    return number;
}

bool is_base64(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char letter) {
        return (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z') ||
               (letter >= '0' && letter <= '9') || letter == '+' || letter == '/';
    });
}

bool is_salt_and_hash(std::string_view text) {
    const std::size_t dollar = text.find('$');
    return dollar != std::string_view::npos && is_base64(text.substr(0, dollar)) &&
           is_base64(text.substr(dollar + 1));
}

Result<void> check_within(std::string_view name, std::int64_t number, IntegerRange allowed) {
    if (number < allowed.min || number > allowed.max) {
        return fail(ErrorCode::rejected, "hash: " + std::string(name) + "=" +
                                             std::to_string(number) + " is out of range; allowed " +
                                             text_of(allowed));
    }
    return {};
}

}  // namespace

Result<HashCost> read_cost(std::string_view hash) {
    std::optional<std::int64_t> memory;
    std::optional<std::int64_t> ops;
    std::optional<std::int64_t> lanes;
    const bool well_formed = take(hash, "$argon2id$v=19$m=") && (memory = take_number(hash)) &&
                             take(hash, ",t=") && (ops = take_number(hash)) && take(hash, ",p=") &&
                             (lanes = take_number(hash)) && take(hash, "$") &&
                             is_salt_and_hash(hash);
    if (!well_formed) {
        return fail(ErrorCode::rejected,
                    "hash: not of the form $argon2id$v=19$m=KIB,t=PASSES,p=LANES$SALT$HASH");
    }
    return check_within("m", *memory, memory_kib_range)
        .and_then([&] { return check_within("t", *ops, ops_range); })
        .and_then([&] { return check_within("p", *lanes, lanes_range); })
        .map([&] {
            return HashCost{static_cast<std::uint64_t>(*memory), static_cast<std::uint64_t>(*ops)};
        });
}

}  // namespace penstock::worker::crypto
