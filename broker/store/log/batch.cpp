#include "broker/store/log/batch.hpp"

#include <algorithm>
#include <cstring>

#include "common/model/assert.hpp"

namespace penstock::broker {

void Batch::add(RecordKind kind, Sequence sequence, ByteView content) {
    PENSTOCK_ASSERT(sequence == position_.last_sequence + (kind == RecordKind::life ? 0 : 1));
    put(frame_head({kind, sequence, content}, position_.chain));
    put(content);
    position_.last_sequence = sequence;
}

void Batch::put(ByteView bytes) {
    while (!bytes.empty()) {
        if (room_ == 0) {
            bytes_.resize(bytes_.size() + sector_bytes);
            room_ = sector_room_bytes;
        }
        const std::size_t count = std::min(bytes.size(), room_);
        std::memcpy(bytes_.data() + bytes_.size() - room_, bytes.data(), count);
        room_ -= count;
        bytes = bytes.subspan(count);
    }
}

ByteView Batch::sealed(const Place& place) {
    const std::size_t sectors = bytes_.size() / sector_bytes;
    for (std::size_t i = 0; i < sectors; ++i) {
        const SectorSpan sector(bytes_.data() + i * sector_bytes, sector_bytes);
        const auto left = static_cast<std::uint32_t>(sectors - 1 - i);
        seal(sector, {position_.next_batch, left},
             {place.journal, place.segment, place.sector + static_cast<std::uint32_t>(i)});
    }
    return bytes_;
}

void Batch::restart(const StreamPosition& position) {
    position_ = position;
    bytes_.clear();
    room_ = 0;
    bodies_.clear();
    body_bytes_ = 0;
}

}  // namespace penstock::broker
