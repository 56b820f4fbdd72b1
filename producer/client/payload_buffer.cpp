#include "producer/client/payload_buffer.hpp"

#include <utility>

#include "common/model/assert.hpp"
#include "common/model/slot_ref.hpp"
#include "producer/client/payload_memory.hpp"

namespace penstock::client {

PayloadBuffer::PayloadBuffer(std::unique_ptr<Memory> memory) : memory_(std::move(memory)) {}
PayloadBuffer::~PayloadBuffer() = default;
PayloadBuffer::PayloadBuffer(PayloadBuffer&&) noexcept = default;
PayloadBuffer& PayloadBuffer::operator=(PayloadBuffer&&) noexcept = default;

std::span<std::byte> PayloadBuffer::bytes() const {
    return memory_->slot ? memory_->slot->bytes()
                         : std::span(memory_->own.get(), memory_->own_bytes);
}

SharedBytes PayloadBuffer::seal(std::size_t length) && {
    PENSTOCK_ASSERT(length <= bytes().size());
    if (length == 0) {
        return {};
    }
    if (memory_->slot) {
        return std::move(*memory_->slot).seal().slice(0, length);
    }
    const ByteView view(memory_->own.get(), length);
    return {std::move(memory_->own), view};
}

PayloadBuffer make_payload_buffer(shm::Ring* ring, std::size_t bytes) {
    auto memory = std::make_unique<PayloadBuffer::Memory>();
    if (ring != nullptr && bytes >= shared_body_min_bytes) {
        if (std::optional<shm::Slot> slot = ring->claim(bytes)) {
            memory->slot.emplace(std::move(*slot));
            return PayloadBuffer(std::move(memory));
        }
    }
    memory->own = std::make_shared_for_overwrite<std::byte[]>(bytes);
    memory->own_bytes = bytes;
    return PayloadBuffer(std::move(memory));
}

}  // namespace penstock::client
