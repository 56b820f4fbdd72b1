#include <array>
#include <sodium.h>

#include "worker/handlers/crypto/library.hpp"
#include "worker/handlers/crypto/limits.hpp"
#include "worker/handlers/crypto/message.hpp"
#include "worker/handlers/crypto/seal.hpp"

namespace penstock::worker::crypto {

// The payload, or {"text"}; {"key": 64 hex digits, "aad": ""}. Gives, as payload, a random nonce of
// 24 bytes, the ciphertext and a tag of 16 bytes, and {"bytes": how many that are}.
Result<Output> encrypt(const Input& input, Context& context) {
    if (const Result<void> ready = check_object(input.args).and_then(start_library); !ready) {
        return tl::unexpected(ready.error());
    }
    Arguments arguments(input.args);
    Key key;
    const std::string_view aad = read_key_and_aad(arguments, key);
    const ByteView plain = read_message(input, arguments, plain_bytes_max);
    if (const Result<void> checked = arguments.check(); !checked) {
        return tl::unexpected(checked.error());
    }
    if (context.cancelled()) {
        return fail(ErrorCode::cancelled, "cancelled before it was encrypted");
    }
    std::array<unsigned char, nonce_bytes> nonce{};
    randombytes_buf(nonce.data(), nonce.size());
    SharedBytes sealed = seal(plain, as_byte_view(aad), nonce, key);
    const std::size_t bytes = sealed.size();
    return Output{.value = {{"bytes", bytes}}, .payload = std::move(sealed)};
}

}  // namespace penstock::worker::crypto
