#include <optional>
#include <string>

#include "worker/handlers/crypto/library.hpp"
#include "worker/handlers/crypto/limits.hpp"
#include "worker/handlers/crypto/message.hpp"
#include "worker/handlers/crypto/seal.hpp"

namespace penstock::worker::crypto {

// The payload that crypto.encrypt gave; {"key", "aad"} as there. Gives the message as payload, and
// {"bytes": how many that are}.
Result<Output> decrypt(const Input& input, Context& context) {
    if (const Result<void> ready = check_object(input.args).and_then(start_library); !ready) {
        return tl::unexpected(ready.error());
    }
    Arguments arguments(input.args);
    Key key;
    const std::string_view aad = read_key_and_aad(arguments, key);
    const std::size_t sealed_bytes = input.payload.size();
    if (sealed_bytes < sealed_extra_bytes || sealed_bytes > message_bytes_max) {
        arguments.reject("payload",
                         "it has " + std::to_string(sealed_bytes) + " bytes; allowed " +
                             text_of(IntegerRange{sealed_extra_bytes, message_bytes_max}));
    }
    if (const Result<void> checked = arguments.check(); !checked) {
        return tl::unexpected(checked.error());
    }
    if (context.cancelled()) {
        return fail(ErrorCode::cancelled, "cancelled before it was decrypted");
    }
    std::optional<SharedBytes> plain = open(input.payload, as_byte_view(aad), key);
    if (!plain) {
        return fail(ErrorCode::rejected,
                    "the payload was not encrypted with this key and aad, or has been changed");
    }
    const std::size_t bytes = plain->size();
    return Output{.value = {{"bytes", bytes}}, .payload = std::move(*plain)};
}

}  // namespace penstock::worker::crypto
