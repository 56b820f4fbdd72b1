#include "worker/handlers/crypto/seal.hpp"

#include <cstring>
#include <memory>
#include <sodium.h>

#include "worker/handlers/crypto/library.hpp"

namespace penstock::worker::crypto {

static_assert(nonce_bytes == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
static_assert(tag_bytes == crypto_aead_xchacha20poly1305_ietf_ABYTES);
static_assert(key_bytes == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

namespace {

// Space that is written once, and then shared.
std::shared_ptr<unsigned char[]> space_for(std::size_t bytes) {
    return std::make_shared_for_overwrite<unsigned char[]>(bytes);
}

SharedBytes shared(std::shared_ptr<unsigned char[]> owner, std::size_t bytes) {
    const ByteView view = std::as_bytes(std::span(owner.get(), bytes));
    return {std::move(owner), view};
}

}  // namespace

std::string_view read_key_and_aad(Arguments& arguments, Key& key) {
    constexpr std::string_view wanted = "64 hex digits";
    const Value* digits = arguments.value("key");
    if (digits == nullptr) {
        arguments.reject("key", "missing; allowed " + std::string(wanted));
    } else if (!digits->is_string() ||
               !read_hex(digits->get_ref<const std::string&>(), key.bytes())) {
        arguments.reject("key", "it must be " + std::string(wanted));
    }
    return arguments.optional_text("aad", aad_bytes).value_or(std::string_view());
}

SharedBytes seal(ByteView plain, ByteView aad, Nonce nonce, const Key& key) {
    const std::size_t bytes = plain.size() + sealed_extra_bytes;
    std::shared_ptr<unsigned char[]> sealed = space_for(bytes);
    std::memcpy(sealed.get(), nonce.data(), nonce.size());
    crypto_aead_xchacha20poly1305_ietf_encrypt(sealed.get() + nonce_bytes, nullptr, data_of(plain),
                                               plain.size(), data_of(aad), aad.size(), nullptr,
                                               nonce.data(), key.bytes().data());
    return shared(std::move(sealed), bytes);
}

std::optional<SharedBytes> open(ByteView sealed, ByteView aad, const Key& key) {
    const ByteView nonce = sealed.first(nonce_bytes);
    const ByteView rest = sealed.subspan(nonce_bytes);
    const std::size_t bytes = rest.size() - tag_bytes;
    std::shared_ptr<unsigned char[]> plain = space_for(bytes);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain.get(), nullptr, nullptr, data_of(rest),
                                                   rest.size(), data_of(aad), aad.size(),
                                                   data_of(nonce), key.bytes().data()) != 0) {
        return std::nullopt;
    }
    return shared(std::move(plain), bytes);
}

}  // namespace penstock::worker::crypto
