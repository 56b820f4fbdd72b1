// The unit in which disks write: 512 bytes that are either as before or as written, even when the
// power fails. Every sector of the journal carries its own check, so that after a crash each one
// is known to be whole, never written, or damaged. docs/JOURNAL.md, section 2.
//
// Thread rule: pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "common/model/bytes.hpp"

namespace penstock::broker {

inline constexpr std::size_t sector_bytes = 512;
inline constexpr std::size_t sector_head_bytes = 12;
// What a sector carries.
inline constexpr std::size_t sector_room_bytes = sector_bytes - sector_head_bytes;
// Batches begin on blocks of this size, which is what disks with larger sectors and the kernel's
// pages write at a time: a write that fails half-way cannot reach an older batch.
inline constexpr std::size_t block_bytes = 4096;

// The first sector at or behind `sector` that begins a block.
[[nodiscard]] constexpr std::uint32_t block_after(std::uint32_t sector) {
    constexpr std::uint32_t per_block = block_bytes / sector_bytes;
    return (sector + per_block - 1) / per_block * per_block;
}

// Names a journal, so that segments of two cannot be mixed.
using JournalId = std::array<std::uint8_t, 16>;

// Where a sector belongs. It is part of the check, so a sector that turns up elsewhere is damaged.
struct Place {
    JournalId journal{};
    std::uint64_t segment = 0;
    std::uint32_t sector = 0;  // within its segment, from 0
};

struct SectorHead {
    std::uint32_t batch = 0;  // the number of its batch, modulo 2^32
    std::uint32_t left = 0;   // sectors of the batch after this one

    friend bool operator==(const SectorHead&, const SectorHead&) = default;
};

enum class SectorState : std::uint8_t {
    empty,    // nothing but zeros: not written yet, or the write was lost
    whole,    // as it was written, at its place
    damaged,  // neither
};

struct Inspected {
    SectorState state = SectorState::empty;
    SectorHead head;  // of a whole one
};

using SectorSpan = std::span<std::byte, sector_bytes>;
using SectorView = std::span<const std::byte, sector_bytes>;

// Writes head and check; what the sector carries must be in place.
// Requires: the batch is not 0, so that no sealed sector is empty.
void seal(SectorSpan sector, const SectorHead& head, const Place& place);
[[nodiscard]] Inspected inspect(SectorView sector, const Place& place);

}  // namespace penstock::broker
