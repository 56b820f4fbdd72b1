#include <algorithm>
#include <array>
#include <sodium.h>
#include <string>
#include <string_view>

#include "worker/handlers/crypto/library.hpp"
#include "worker/handlers/crypto/limits.hpp"
#include "worker/handlers/crypto/message.hpp"
#include "worker/handlers/crypto/secret.hpp"

namespace penstock::worker::crypto {
namespace {

// Bytes of a digest. Shorter ones collide by chance.
constexpr IntegerRange length_range{crypto_generichash_BYTES_MIN, crypto_generichash_BYTES_MAX};
// Bytes of a key. A shorter one can be guessed.
constexpr std::size_t key_bytes_min = crypto_generichash_KEYBYTES_MIN;
constexpr std::size_t key_bytes_max = crypto_generichash_KEYBYTES_MAX;
constexpr std::string_view key_wanted = "32..128 hex digits (16..64 bytes)";
static_assert(key_bytes_min == 16 && key_bytes_max == 64);

// Hashing under a key begins with the key, so what it remembers is wiped, too.
struct State {
    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() { sodium_memzero(&hashing, sizeof hashing); }

    crypto_generichash_state hashing{};
};

// Fills the beginning of `key`, and returns how many bytes that are; 0 without a key.
std::size_t read_key(Arguments& arguments, Secret<key_bytes_max>& key) {
    const Value* field = arguments.value("key");
    if (field == nullptr) {
        return 0;
    }
    const std::string allowed = "; allowed " + std::string(key_wanted);
    if (!field->is_string()) {
        arguments.reject("key",
                         std::string(field->type_name()) + " where text is wanted" + allowed);
        return 0;
    }
    const std::string& digits = field->get_ref<const std::string&>();
    const std::size_t length = digits.size() / 2;
    if (length < key_bytes_min || digits.size() > 2 * key_bytes_max) {
        arguments.reject("key",
                         "the text has " + std::to_string(digits.size()) + " characters" + allowed);
        return 0;
    }
    if (!read_hex(digits, key.bytes().first(length))) {
        arguments.reject("key", "not pairs of hex digits" + allowed);
    }
    return length;
}

}  // namespace

// The payload, or {"text"}; {"length": 32, "key": hex digits}. Gives {"digest": hex digits}
// (RFC 7693).
Result<Output> blake2b(const Input& input, Context& context) {
    if (const Result<void> ready = check_object(input.args).and_then(start_library); !ready) {
        return tl::unexpected(ready.error());
    }
    Arguments arguments(input.args);
    ByteView left = read_message(input, arguments, message_bytes_max);
    const auto length = static_cast<std::size_t>(
        arguments.integer("length", length_range, crypto_generichash_BYTES));
    Secret<key_bytes_max> key;
    const std::size_t key_bytes = read_key(arguments, key);
    if (const Result<void> checked = arguments.check(); !checked) {
        return tl::unexpected(checked.error());
    }
    State state;
    crypto_generichash_init(&state.hashing, key.bytes().data(), key_bytes, length);
    while (!left.empty()) {
        if (context.cancelled()) {
            return fail(ErrorCode::cancelled, "cancelled before all bytes were read");
        }
        const ByteView part = left.first(std::min(left.size(), bytes_per_look));
        crypto_generichash_update(&state.hashing, data_of(part), part.size());
        left = left.subspan(part.size());
    }
    std::array<unsigned char, crypto_generichash_BYTES_MAX> digest{};
    crypto_generichash_final(&state.hashing, digest.data(), length);
    return Output{.value = {{"digest", hex_of(std::span(digest).first(length))}}, .payload = {}};
}

}  // namespace penstock::worker::crypto
