#include <array>
#include <sodium.h>
#include <string>

#include "worker/handlers/crypto/library.hpp"
#include "worker/handlers/crypto/limits.hpp"
#include "worker/handlers/crypto/message.hpp"

namespace penstock::worker::crypto {

// {"password", "ops": 3, "memory_mib": 64}: the password with a salt of its own, by argon2id. Gives
// {"hash": what crypto.password_verify takes}.
Result<Output> password_hash(const Input& input, Context& context) {
    if (const Result<void> ready = check_object(input.args).and_then(start_library); !ready) {
        return tl::unexpected(ready.error());
    }
    Arguments arguments(input.args);
    const std::string_view password = arguments.text("password", password_bytes);
    const std::int64_t ops = arguments.integer("ops", ops_range, ops_default);
    const std::int64_t memory_mib =
        arguments.integer("memory_mib", memory_mib_range, memory_mib_default);
    if (const Result<void> checked = arguments.check(); !checked) {
        return tl::unexpected(checked.error());
    }
    if (context.cancelled()) {
        return fail(ErrorCode::cancelled, "cancelled before the password was hashed");
    }
    std::array<char, crypto_pwhash_STRBYTES> hash{};
    if (crypto_pwhash_str_alg(
            hash.data(), password.data(), password.size(), static_cast<unsigned long long>(ops),
            static_cast<std::size_t>(memory_mib) << 20U, crypto_pwhash_ALG_ARGON2ID13) != 0) {
        return fail(ErrorCode::failed,
                    "there are no " + std::to_string(memory_mib) + " MiB of memory to hash in");
    }
    return Output{.value = {{"hash", hash.data()}}, .payload = {}};
}

}  // namespace penstock::worker::crypto
