#include <array>
#include <cerrno>
#include <memory>
#include <new>
#include <sodium.h>
#include <string>

#include "worker/handlers/crypto/encoded_hash.hpp"
#include "worker/handlers/crypto/library.hpp"
#include "worker/handlers/crypto/limits.hpp"
#include "worker/handlers/crypto/message.hpp"

namespace penstock::worker::crypto {
namespace {

// libsodium calls want of memory a wrong password. So its "no" counts only where as much memory can
// be had now; asking for memory that is never touched costs nothing.
bool can_allocate(std::uint64_t memory_kib) {
    const std::unique_ptr<std::byte[]> memory(new (std::nothrow) std::byte[memory_kib * 1024]);
    return memory != nullptr;
}

Result<bool> verify(std::string_view password, std::string_view hash, const HashCost& cost) {
    std::array<char, crypto_pwhash_STRBYTES> text{};
    hash.copy(text.data(), text.size() - 1);
    errno = 0;
    if (crypto_pwhash_argon2id_str_verify(text.data(), password.data(), password.size()) == 0) {
        return true;
    }
    if (errno == ENOMEM || !can_allocate(cost.memory_kib)) {
        return fail(ErrorCode::failed, "there are no " + std::to_string(cost.memory_kib / 1024) +
                                           " MiB of memory to check in");
    }
    if (errno != EINVAL) {
        return fail(ErrorCode::rejected, "hash: its salt or hash cannot be decoded");
    }
    return false;
}

}  // namespace

// {"password", "hash": what crypto.password_hash gave}. Gives {"valid": whether they belong
// together}.
Result<Output> password_verify(const Input& input, Context& context) {
    if (const Result<void> ready = check_object(input.args).and_then(start_library); !ready) {
        return tl::unexpected(ready.error());
    }
    Arguments arguments(input.args);
    const std::string_view password = arguments.text("password", password_bytes);
    const std::string_view hash = arguments.text("hash", {1, crypto_pwhash_STRBYTES - 1});
    if (const Result<void> checked = arguments.check(); !checked) {
        return tl::unexpected(checked.error());
    }
    if (context.cancelled()) {
        return fail(ErrorCode::cancelled, "cancelled before the password was checked");
    }
    return read_cost(hash)
        .and_then([&](const HashCost& cost) { return verify(password, hash, cost); })
        .map([](bool valid) {
            return Output{.value = {{"valid", valid}}, .payload = {}};
        });
}

}  // namespace penstock::worker::crypto
