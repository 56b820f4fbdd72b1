#include "broker/store/log/salvage_scan.hpp"

#include <algorithm>
#include <utility>

namespace penstock::broker {
namespace {

constexpr std::uint32_t sectors_per_block = block_bytes / sector_bytes;

class Salvage {
  public:
    Salvage(ByteView bytes, const SegmentName& name, const RecordVisitor& visit)
        : bytes_(bytes),
          name_(name),
          visit_(visit),
          sectors_(static_cast<std::uint32_t>(bytes.size() / sector_bytes)) {}

    std::vector<LostRange> run() {
        for (std::uint32_t sector = first_batch_sector; sector < sectors_;) {
            const Inspected inspected = look(sector);
            if (inspected.state == SectorState::whole) {
                const SectorRange range = run_from(sector, inspected.head);
                read_run(range, inspected.head);
                sector = range.first + range.count;
                continue;
            }
            if (inspected.state == SectorState::damaged) {
                lose({sector, 1}, "not as it was written");
            }
            ++sector;
        }
        const std::uint64_t whole = std::uint64_t{sectors_} * sector_bytes;
        if (whole < bytes_.size()) {
            lost_.push_back({whole, bytes_.size() - whole, "a piece of a sector"});
        }
        return std::move(lost_);
    }

  private:
    [[nodiscard]] SectorView view(std::uint32_t sector) const {
        return SectorView(bytes_.data() + std::size_t{sector} * sector_bytes, sector_bytes);
    }
    [[nodiscard]] Inspected look(std::uint32_t sector) const {
        return inspect(view(sector), {name_.journal, name_.segment, sector});
    }

    // Neighbours that are lost for one reason are one range.
    void lose(const SectorRange& range, const char* why) {
        if (range.count == 0) {
            return;
        }
        const std::uint64_t offset = std::uint64_t{range.first} * sector_bytes;
        const std::uint64_t count = std::uint64_t{range.count} * sector_bytes;
        if (!lost_.empty() && lost_.back().why == why &&
            lost_.back().offset_bytes + lost_.back().bytes == offset) {
            lost_.back().bytes += count;
            return;
        }
        lost_.push_back({offset, count, why});
    }

    // The whole sectors from there on that follow each other in one batch.
    [[nodiscard]] SectorRange run_from(std::uint32_t first, SectorHead head) const {
        SectorRange range{first, 1};
        while (head.left > 0 && first + range.count < sectors_) {
            --head.left;
            const Inspected next = look(first + range.count);
            if (next.state != SectorState::whole || next.head != head) {
                break;
            }
            ++range.count;
        }
        return range;
    }

    void read_run(const SectorRange& range, const SectorHead& head) {
        const bool is_cut = range.count < std::uint64_t{head.left} + 1;
        if (range.first % sectors_per_block != 0) {
            lose(range, "of a batch whose beginning is lost");
            return;
        }
        std::vector<std::byte> carried;
        for (std::uint32_t i = 0; i < range.count; ++i) {
            const auto room = view(range.first + i).subspan<sector_head_bytes>();
            carried.insert(carried.end(), room.begin(), room.end());
        }
        const std::size_t read = read_records(carried, range.first);
        if (is_cut || read < carried.size()) {
            const auto used = static_cast<std::uint32_t>(read / sector_room_bytes);
            lose({range.first + used, range.count - used},
                 "of a batch that is torn, or whose beginning is lost");
        }
    }

    // How many bytes were understood; all of them, if the last record is followed by nothing.
    std::size_t read_records(ByteView carried, std::uint32_t sector) {
        ByteView rest = carried;
        std::optional<std::uint32_t> chain;
        while (true) {
            const Result<RawRecord> record =
                chain ? take_frame(rest, *chain) : take_first_frame(rest, chain.emplace());
            if (!record) {
                return carried.size() - rest.size();
            }
            if (record->kind == RecordKind::none) {
                return carried.size();
            }
            visit_(*record, {name_.journal, name_.segment, sector});
        }
    }

    ByteView bytes_;
    const SegmentName& name_;
    const RecordVisitor& visit_;
    std::uint32_t sectors_;
    std::vector<LostRange> lost_;
};

}  // namespace

bool holds_sectors_of(ByteView bytes, const SegmentName& name) {
    const auto sectors = static_cast<std::uint32_t>(bytes.size() / sector_bytes);
    for (std::uint32_t sector = first_batch_sector; sector < sectors; ++sector) {
        const SectorView view(bytes.data() + std::size_t{sector} * sector_bytes, sector_bytes);
        if (inspect(view, {name.journal, name.segment, sector}).state == SectorState::whole) {
            return true;
        }
    }
    return false;
}

std::vector<LostRange> salvage_segment(ByteView bytes, const SegmentName& name,
                                       const RecordVisitor& visit) {
    return Salvage(bytes, name, visit).run();
}

}  // namespace penstock::broker
