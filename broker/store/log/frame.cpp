#include "broker/store/log/frame.hpp"

#include <algorithm>

#include "broker/store/log/crc32c.hpp"
#include "broker/store/log/little_endian.hpp"
#include "common/model/assert.hpp"

namespace penstock::broker {
namespace {

constexpr std::size_t length_at = 0;
constexpr std::size_t kind_at = 4;  // followed by three zeros
constexpr std::size_t sequence_at = 8;
constexpr std::size_t check_at = 16;

std::uint32_t check_of(ByteView head, ByteView content, std::uint32_t chain) {
    return crc32c(content, crc32c(head.first(check_at), chain));
}

bool is_zero(ByteView bytes) {
    return std::ranges::all_of(bytes, [](std::byte byte) { return byte == std::byte{0}; });
}

Result<RawRecord> take(ByteView& batch, std::uint32_t& chain, bool is_compared) {
    if (is_zero(batch.first(std::min(batch.size(), frame_head_bytes)))) {
        if (!is_zero(batch)) {
            return fail(ErrorCode::malformed, "bytes after the last record of a batch");
        }
        return RawRecord{};
    }
    if (batch.size() < frame_head_bytes) {
        return fail(ErrorCode::malformed, "a batch ends within the head of a record");
    }
    const std::size_t length = little_endian<std::uint32_t>(batch.data() + length_at);
    if (length > content_bytes_max || length > batch.size() - frame_head_bytes) {
        return fail(ErrorCode::malformed, "a record is longer than its batch");
    }
    const ByteView content = batch.subspan(frame_head_bytes, length);
    const auto check = little_endian<std::uint32_t>(batch.data() + check_at);
    if (is_compared && check != check_of(batch, content, chain)) {
        return fail(ErrorCode::malformed, "a record does not follow the one before it");
    }
    const auto kind = little_endian<std::uint32_t>(batch.data() + kind_at);
    if (kind == 0 || kind > record_kind_max) {
        return fail(ErrorCode::malformed, "a record of a kind that this Penstock does not know");
    }
    chain = check;
    const RawRecord record{static_cast<RecordKind>(kind),
                           little_endian<std::uint64_t>(batch.data() + sequence_at), content};
    batch = batch.subspan(frame_head_bytes + length);
    return record;
}

}  // namespace

FrameHead frame_head(const RawRecord& record, std::uint32_t& chain) {
    PENSTOCK_ASSERT(record.content.size() <= content_bytes_max);
    FrameHead head{};
    put_little_endian(head.data() + length_at, static_cast<std::uint32_t>(record.content.size()));
    put_little_endian(head.data() + kind_at, static_cast<std::uint32_t>(record.kind));
    put_little_endian(head.data() + sequence_at, record.sequence);
    chain = check_of(head, record.content, chain);
    put_little_endian(head.data() + check_at, chain);
    return head;
}

Result<RawRecord> take_frame(ByteView& batch, std::uint32_t& chain) {
    return take(batch, chain, true);
}

Result<RawRecord> take_first_frame(ByteView& batch, std::uint32_t& chain) {
    return take(batch, chain, false);
}

}  // namespace penstock::broker
