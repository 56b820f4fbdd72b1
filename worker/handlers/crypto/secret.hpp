// Bytes that are wiped when they are no longer needed, whichever way the function is left.
//
// Thread rule: a value on the stack of one handler.
#pragma once

#include <array>
#include <cstddef>
#include <sodium.h>
#include <span>

namespace penstock::worker::crypto {

// Zero at first. Pinned, so that there is one copy to wipe.
template <std::size_t size_max>
class Secret {
  public:
    Secret() = default;
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    ~Secret() { sodium_memzero(bytes_.data(), bytes_.size()); }

    [[nodiscard]] std::span<unsigned char, size_max> bytes() { return bytes_; }
    [[nodiscard]] std::span<const unsigned char, size_max> bytes() const { return bytes_; }

  private:
    std::array<unsigned char, size_max> bytes_{};
};

}  // namespace penstock::worker::crypto
