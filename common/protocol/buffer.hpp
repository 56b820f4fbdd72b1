// The growing bytes of a header frame. Private to this folder.
//
// Thread rule: a value of one function.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <utility>

#include "common/model/bytes.hpp"

namespace penstock::protocol {

// Written through msgpack::packer, which asks for write(). The memory is never zeroed, and take()
// gives it away without a copy; a vector can do neither.
class Buffer {
  public:
    explicit Buffer(std::size_t capacity)
        : bytes_(std::make_shared_for_overwrite<std::byte[]>(capacity)), capacity_(capacity) {}

    // Always inline, since nearly all lengths are constants of a few bytes: then the copy is a
    // move or two, where it would be two calls.
    [[gnu::always_inline]] void write(const char* source, std::size_t length) {
        if (length > capacity_ - size_) [[unlikely]] {
            grow(length);
        }
        std::memcpy(bytes_.get() + size_, source, length);
        size_ += length;
    }

    [[nodiscard]] std::size_t size_bytes() const { return size_; }
    [[nodiscard]] SharedBytes take() && {
        const ByteView view(bytes_.get(), size_);
        return {std::move(bytes_), view};
    }

  private:
    [[gnu::noinline]] void grow(std::size_t length) {
        const std::size_t capacity = std::max(2 * capacity_, size_ + length);
        std::shared_ptr<std::byte[]> bytes = std::make_shared_for_overwrite<std::byte[]>(capacity);
        std::memcpy(bytes.get(), bytes_.get(), size_);
        bytes_ = std::move(bytes);
        capacity_ = capacity;
    }

    std::shared_ptr<std::byte[]> bytes_;
    std::size_t capacity_;
    std::size_t size_ = 0;
};

}  // namespace penstock::protocol
