#include "broker/store/log/sector.hpp"

#include <cstring>

#include "broker/store/log/crc32c.hpp"
#include "broker/store/log/little_endian.hpp"
#include "common/model/assert.hpp"

namespace penstock::broker {
namespace {

constexpr std::size_t sector_check_at = 0;
constexpr std::size_t batch_at = 4;
constexpr std::size_t left_at = 8;

std::uint32_t check_of(SectorView sector, const Place& place) {
    std::array<std::byte, sizeof(JournalId) + sizeof place.segment + sizeof place.sector> where{};
    std::memcpy(where.data(), place.journal.data(), place.journal.size());
    put_little_endian(where.data() + sizeof(JournalId), place.segment);
    put_little_endian(where.data() + sizeof(JournalId) + sizeof place.segment, place.sector);
    return crc32c(sector.subspan<batch_at>(), crc32c(where));
}

}  // namespace

void seal(SectorSpan sector, const SectorHead& head, const Place& place) {
    PENSTOCK_ASSERT(head.batch != 0);
    put_little_endian(sector.data() + batch_at, head.batch);
    put_little_endian(sector.data() + left_at, head.left);
    put_little_endian(sector.data() + sector_check_at, check_of(sector, place));
}

Inspected inspect(SectorView sector, const Place& place) {
    // Most sectors of a segment are empty, and memcmp() looks at many bytes at a time.
    static constexpr std::array<std::byte, sector_bytes> zeros{};
    if (std::memcmp(sector.data(), zeros.data(), zeros.size()) == 0) {
        return {};
    }
    if (little_endian<std::uint32_t>(sector.data() + sector_check_at) != check_of(sector, place)) {
        return {SectorState::damaged, {}};
    }
    return {SectorState::whole,
            {little_endian<std::uint32_t>(sector.data() + batch_at),
             little_endian<std::uint32_t>(sector.data() + left_at)}};
}

}  // namespace penstock::broker
