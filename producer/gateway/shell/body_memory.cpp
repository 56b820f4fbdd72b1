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
    return Room(make_(bytes), bytes, left_);
}

BodyMemory::Room& BodyMemory::Room::operator=(Room&& other) noexcept {
    std::swap(buffer_, other.buffer_);
    std::swap(claimed_, other.claimed_);
    std::swap(left_, other.left_);
    return *this;
}

BodyMemory::Room::~Room() {
    give_back();
}

SharedBytes BodyMemory::Room::seal(std::size_t length) && {
    SharedBytes sealed = std::move(buffer_).seal(length);
    give_back();
    return sealed;
}

void BodyMemory::Room::give_back() {
    if (const auto left = std::exchange(left_, nullptr)) {
        left->fetch_add(claimed_, std::memory_order_relaxed);
    }
}

}  // namespace penstock::gateway
