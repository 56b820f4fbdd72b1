#include "worker/handlers/crypto/library.hpp"

#include <sodium.h>

namespace penstock::worker::crypto {

Result<void> start_library() {
    if (sodium_init() < 0) {
        return fail(ErrorCode::failed, "libsodium cannot start: the system has no random numbers");
    }
    return {};
}

const unsigned char* data_of(ByteView bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

std::string hex_of(std::span<const unsigned char> bytes) {
    // libsodium writes a final zero byte, too.
    std::string digits(bytes.size() * 2 + 1, '\0');
    sodium_bin2hex(digits.data(), digits.size(), bytes.data(), bytes.size());
    digits.pop_back();
    return digits;
}

bool read_hex(std::string_view digits, std::span<unsigned char> bytes) {
    std::size_t length = 0;
    return digits.size() == bytes.size() * 2 &&
           sodium_hex2bin(bytes.data(), bytes.size(), digits.data(), digits.size(), nullptr,
                          &length, nullptr) == 0 &&
           length == bytes.size();
}

}  // namespace penstock::worker::crypto
