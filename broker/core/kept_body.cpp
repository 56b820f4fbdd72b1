#include "broker/core/kept_body.hpp"

#include <cstddef>
#include <cstring>
#include <limits>
#include <new>

#include "common/model/assert.hpp"
#include "common/protocol/limits.hpp"

namespace penstock::broker {
namespace {

// Of args_bytes: the block is part of a Shared.
constexpr std::uint32_t is_shared = std::numeric_limits<std::uint32_t>::max();

// Allocates one T with room for some bytes behind it. Four bytes of state, for as long as the T.
template <typename T>
struct TrailingAllocator {
    using value_type = T;

    std::uint32_t trailing_bytes = 0;

    explicit TrailingAllocator(std::uint32_t bytes) : trailing_bytes(bytes) {}
    template <typename U>
    explicit TrailingAllocator(const TrailingAllocator<U>& other)
        : trailing_bytes(other.trailing_bytes) {}

    T* allocate(std::size_t count) {
        return static_cast<T*>(::operator new(count * sizeof(T) + trailing_bytes));
    }
    void deallocate(T* memory, std::size_t) { ::operator delete(memory); }

    template <typename U>
    bool operator==(const TrailingAllocator<U>& other) const {
        return trailing_bytes == other.trailing_bytes;
    }
};

bool is_small(const SharedBytes& part) {
    return part.size() <= protocol::inline_body_max_bytes;
}

void append(std::byte*& end, const SharedBytes& part) {
    if (!part.empty()) {
        std::memcpy(end, part.view().data(), part.size());
        end += part.size();
    }
}

SharedBytes own(const SharedBytes& part) {
    return is_small(part) ? SharedBytes::copy_of(part.view()) : part;
}

}  // namespace

struct KeptBody::Shared : Block {
    explicit Shared(const Body& whole)
        : Block{is_shared, 0}, body{own(whole.args), own(whole.payload)} {}

    Body body;
};

KeptBody::KeptBody(const Body& body) {
    if (!is_small(body.args) || !is_small(body.payload)) {
        block_ = std::make_shared<Shared>(body);
        return;
    }
    const auto bytes = static_cast<std::uint32_t>(body.size_bytes());
    if (bytes == 0) {
        return;
    }
    const auto block = std::allocate_shared<Block>(TrailingAllocator<Block>(bytes));
    block->args_bytes = static_cast<std::uint32_t>(body.args.size());
    block->payload_bytes = static_cast<std::uint32_t>(body.payload.size());
    auto* end = reinterpret_cast<std::byte*>(block.get() + 1);
    append(end, body.args);
    append(end, body.payload);
    block_ = block;
}

const Body* KeptBody::shared() const {
    return block_->args_bytes == is_shared ? &static_cast<const Shared&>(*block_).body : nullptr;
}

Body KeptBody::whole() const {
    PENSTOCK_ASSERT(is_here());
    if (!block_) {
        return {};
    }
    if (const Body* const body = shared()) {
        return *body;
    }
    const auto* const bytes = reinterpret_cast<const std::byte*>(block_.get() + 1);
    const auto part = [&](std::size_t offset, std::size_t length) {
        return length == 0 ? SharedBytes() : SharedBytes(block_, ByteView(bytes + offset, length));
    };
    return {part(0, block_->args_bytes), part(block_->args_bytes, block_->payload_bytes)};
}

void KeptBody::put_away() {
    PENSTOCK_ASSERT(is_here());
    away_bytes_ = static_cast<std::uint32_t>(size_bytes());
    block_.reset();
}

std::uint64_t KeptBody::size_bytes() const {
    if (!block_) {
        return away_bytes_;
    }
    const Body* const body = shared();
    return body != nullptr ? body->size_bytes()
                           : std::uint64_t{block_->args_bytes} + block_->payload_bytes;
}

}  // namespace penstock::broker
