#include "common/shm/shared_buffer.hpp"

#include <utility>

namespace penstock::shm {
namespace {

constexpr std::size_t buffer_bytes_max = std::size_t{1} << 30U;
constexpr std::uint64_t only_generation = 1;

}  // namespace

SharedBuffer::SharedBuffer(OwnSegment segment, SlotRef ref)
    : segment_(std::move(segment)),
      ref_(std::move(ref)),
      bytes_(segment_.slot(0, blocks_for(ref_.length)).first(ref_.length)) {}

Result<SharedBuffer> SharedBuffer::create(std::size_t bytes) {
    if (bytes == 0 || bytes > buffer_bytes_max) {
        return fail(ErrorCode::malformed, "a shared buffer has 1 byte to 1 GiB");
    }
    const std::string name = new_segment_name();
    const std::uint32_t blocks = blocks_for(bytes);
    Result<OwnSegment> segment = OwnSegment::create(name, 0, blocks);
    if (!segment) {
        return tl::unexpected(std::move(segment.error()));
    }
    if (!segment->allocate(blocks)) {
        return fail(ErrorCode::unavailable, "/dev/shm has no room for a shared buffer of " +
                                                std::to_string(bytes) + " bytes");
    }
    segment->publish(0, only_generation);
    return SharedBuffer(std::move(*segment), {name, 0, only_generation, bytes});
}

Result<MappedBuffer> MappedBuffer::open(const SlotRef& ref) {
    Result<std::shared_ptr<ForeignSegment>> segment =
        ForeignSegment::open(ref.segment, ForeignSegment::Keep::no, ForeignSegment::Access::write);
    if (!segment) {
        return tl::unexpected(std::move(segment.error()));
    }
    const std::optional<ByteView> found = (*segment)->find(ref);
    if (!found) {
        return fail(ErrorCode::stale, "the buffer is not what it was");
    }
    // Mapped for writing, as asked.
    auto* const first = const_cast<std::byte*>(found->data());
    return MappedBuffer(std::move(*segment), {first, found->size()});
}

}  // namespace penstock::shm
