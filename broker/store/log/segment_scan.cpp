#include "broker/store/log/segment_scan.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

namespace penstock::broker {
namespace {

class Scanner {
  public:
    Scanner(ByteView bytes, const SegmentStart& start, const RecordVisitor& visit)
        : bytes_(bytes),
          start_(start),
          visit_(visit),
          sectors_(static_cast<std::uint32_t>(bytes.size() / sector_bytes)) {
        scan_.position = start.position;
        scan_.next_sector = first_batch_sector;
    }

    SegmentScan run() {
        require_empty({1, first_batch_sector - 1});
        while (!scan_.damage && scan_.next_sector < sectors_ && read_batch()) {
        }
        if (!scan_.damage) {
            look_at_tail();
        }
        return std::move(scan_);
    }

  private:
    [[nodiscard]] Inspected look(std::uint32_t sector) const {
        return inspect(view(sector), {start_.journal, start_.segment, sector});
    }
    [[nodiscard]] SectorView view(std::uint32_t sector) const {
        return SectorView(bytes_.data() + std::size_t{sector} * sector_bytes, sector_bytes);
    }
    void damaged(std::uint32_t sector, std::string what) {
        if (!scan_.damage) {
            scan_.damage =
                Damage{start_.segment, std::uint64_t{sector} * sector_bytes, std::move(what)};
        }
    }
    void require_empty(const SectorRange& range) {
        for (std::uint32_t i = 0; i < range.count; ++i) {
            if (look(range.first + i).state != SectorState::empty) {
                damaged(range.first + i, "a sector between two batches is not empty");
            }
        }
    }

    // False: there is no whole batch here, or it is damaged.
    bool read_batch() {
        const std::uint32_t first = scan_.next_sector;
        const Inspected begin = look(first);
        const std::uint32_t count = begin.head.left + 1;
        if (begin.state != SectorState::whole || begin.head.batch != scan_.position.next_batch ||
            count == 0 || count > sectors_ - first) {
            return false;  // the tail decides what this is
        }
        for (std::uint32_t i = 1; i < count; ++i) {
            const Inspected next = look(first + i);
            if (next.state != SectorState::whole ||
                next.head != SectorHead{begin.head.batch, count - 1 - i}) {
                return false;
            }
        }
        if (!hand_over({first, count})) {
            return false;
        }
        const std::uint32_t behind = std::min(block_after(first + count), sectors_);
        require_empty({first + count, behind - (first + count)});
        scan_.last_batch = {first, count};
        scan_.next_sector = behind;
        return true;
    }

    bool hand_over(const SectorRange& range) {
        carried_.clear();
        for (std::uint32_t i = 0; i < range.count; ++i) {
            const auto room = view(range.first + i).subspan<sector_head_bytes>();
            carried_.insert(carried_.end(), room.begin(), room.end());
        }
        ByteView rest(carried_);
        StreamPosition& position = scan_.position;
        while (true) {
            const Result<RawRecord> record = take_frame(rest, position.chain);
            if (!record) {
                damaged(range.first, record.error().message);
                return false;
            }
            if (record->kind == RecordKind::none) {
                position.next_batch = batch_after(position.next_batch);
                return true;
            }
            const Sequence step = record->kind == RecordKind::life ? 0 : 1;
            if (record->sequence != position.last_sequence + step) {
                damaged(range.first, fmt::format("record {} follows record {}", record->sequence,
                                                 position.last_sequence));
                return false;
            }
            position.last_sequence = record->sequence;
            visit_(*record, {start_.journal, start_.segment, range.first});
        }
    }

    // Behind the last whole batch: nothing, or what there is of one more.
    void look_at_tail() {
        std::optional<std::uint32_t> end;  // of the torn batch
        for (std::uint32_t sector = scan_.next_sector; sector < sectors_; ++sector) {
            const Inspected inspected = look(sector);
            if (inspected.state == SectorState::empty) {
                continue;
            }
            if (inspected.state == SectorState::damaged) {
                damaged(sector, "a sector is not as it was written");
                return;
            }
            const std::uint64_t its_end = std::uint64_t{sector} + inspected.head.left + 1;
            if (inspected.head.batch != scan_.position.next_batch || its_end > sectors_ ||
                (end && its_end != *end)) {
                damaged(sector, fmt::format("a sector of batch {} stands where batch {} begins",
                                            inspected.head.batch, scan_.position.next_batch));
                return;
            }
            end = static_cast<std::uint32_t>(its_end);
        }
        if (end) {
            scan_.torn = SectorRange{scan_.next_sector, *end - scan_.next_sector};
        }
    }

    ByteView bytes_;
    const SegmentStart& start_;
    const RecordVisitor& visit_;
    std::uint32_t sectors_;
    SegmentScan scan_;
    std::vector<std::byte> carried_;
};

}  // namespace

std::string to_text(const Damage& damage) {
    return fmt::format("{} is damaged at byte {}: {}", segment_name(damage.segment),
                       damage.offset_bytes, damage.what);
}

SegmentScan scan_segment(ByteView bytes, const SegmentStart& start, const RecordVisitor& visit) {
    return Scanner(bytes, start, visit).run();
}

}  // namespace penstock::broker
