#include <algorithm>
#include <array>
#include <sodium.h>

#include "worker/handlers/crypto/library.hpp"
#include "worker/handlers/crypto/limits.hpp"
#include "worker/handlers/crypto/message.hpp"

namespace penstock::worker::crypto {

// The payload, or {"text"}. Gives {"digest": 64 hex digits} (FIPS 180-4).
Result<Output> sha256(const Input& input, Context& context) {
    if (const Result<void> ready = check_object(input.args).and_then(start_library); !ready) {
        return tl::unexpected(ready.error());
    }
    Arguments arguments(input.args);
    ByteView left = read_message(input, arguments, message_bytes_max);
    if (const Result<void> checked = arguments.check(); !checked) {
        return tl::unexpected(checked.error());
    }
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    while (!left.empty()) {
        if (context.cancelled()) {
            return fail(ErrorCode::cancelled, "cancelled before all bytes were read");
        }
        const ByteView part = left.first(std::min(left.size(), bytes_per_look));
        crypto_hash_sha256_update(&state, data_of(part), part.size());
        left = left.subspan(part.size());
    }
    std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
    crypto_hash_sha256_final(&state, digest.data());
    return Output{.value = {{"digest", hex_of(digest)}}, .payload = {}};
}

}  // namespace penstock::worker::crypto
