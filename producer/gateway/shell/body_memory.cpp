#include "producer/gateway/shell/body_memory.hpp"

#include <utility>

namespace penstock::gateway {

std::optional<BodyMemory::Room> BodyMemory::claim(std::size_t bytes) {
    std::uint64_t left = left_->load(std::memory_order_relaxed);
    do {
        if (bytes > left) {
            return std::nullopt;
        }
    } while (!left_->compare_exchange_weak(left, left - bytes, std::memory_order_relaxed));
    return Room(make_(bytes), left_);
}

BodyMemory::Room& BodyMemory::Room::operator=(Room&& other) noexcept {
    std::swap(buffer_, other.buffer_);
    std::swap(left_, other.left_);
    return *this;
}

BodyMemory::Room::~Room() {
    if (left_) {
        left_->fetch_add(buffer_.bytes().size(), std::memory_order_relaxed);
    }
}

SharedBytes BodyMemory::Room::seal(std::size_t length) && {
    const std::size_t all = buffer_.bytes().size();
    SharedBytes sealed = std::move(buffer_).seal(length);
    std::exchange(left_, nullptr)->fetch_add(all, std::memory_order_relaxed);
    return sealed;
}

}  // namespace penstock::gateway
