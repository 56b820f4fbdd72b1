// XChaCha20-Poly1305 in the form of draft-irtf-cfrg-xchacha: encryption that notices every change.
//
// Thread rule: free functions over values.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "common/model/bytes.hpp"
#include "common/model/result.hpp"
#include "worker/handlers/crypto/limits.hpp"
#include "worker/handlers/crypto/secret.hpp"
#include "worker/sdk/arguments.hpp"

namespace penstock::worker::crypto {

inline constexpr std::size_t key_bytes = 32;
using Key = Secret<key_bytes>;
using Nonce = std::span<const unsigned char, nonce_bytes>;

// Reads the fields that both directions share: fills `key` from the field "key", and returns the
// field "aad". Mistakes are told by arguments.check(). The view is valid as long as the arguments.
[[nodiscard]] std::string_view read_key_and_aad(Arguments& arguments, Key& key);

// Nonce, ciphertext and tag. Two messages under one key need two nonces; the handler takes each at
// random. The additional data is not in it, but whoever opens it must give the same.
[[nodiscard]] SharedBytes seal(ByteView plain, ByteView aad, Nonce nonce, const Key& key);

// What seal() was given. Nothing if the key or the additional data is another one, or if one bit of
// the nonce, the ciphertext or the tag is.
// Requires: at least sealed_extra_bytes.
[[nodiscard]] std::optional<SharedBytes> open(ByteView sealed, ByteView aad, const Key& key);

}  // namespace penstock::worker::crypto
