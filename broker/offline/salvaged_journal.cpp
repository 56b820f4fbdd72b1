#include "broker/offline/salvaged_journal.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <span>
#include <utility>

#include "broker/offline/screen.hpp"
#include "broker/store/log/whole_record.hpp"

namespace penstock::broker::offline {
namespace {

// What stands there as the journal's id, whether or not its check holds (docs/JOURNAL.md, 3).
constexpr std::size_t journal_id_at = 24;

// All that can be read of a file. What the disk refuses to give is filled with a byte that makes no
// sense, so that its sectors count as damaged.
std::vector<std::byte> read_whatever(const File& file, std::uint64_t size) {
    constexpr std::byte unreadable{0xFF};
    std::vector<std::byte> bytes(size, unreadable);
    constexpr std::uint64_t step = std::uint64_t{1} << 20U;
    for (std::uint64_t at = 0; at < size; at += step) {
        const std::span piece = std::span(bytes).subspan(at, std::min(step, size - at));
        if (file.read(at, piece)) {
            continue;
        }
        for (std::uint64_t small = 0; small < piece.size(); small += block_bytes) {
            const auto block =
                piece.subspan(small, std::min<std::uint64_t>(block_bytes, piece.size() - small));
            if (!file.read(at + small, block)) {
                std::ranges::fill(block, unreadable);
            }
        }
    }
    return bytes;
}

std::vector<std::byte> read_file(Folder& folder, const std::string& name, std::uint64_t bytes_max) {
    const Result<std::unique_ptr<File>> file = folder.open(name);
    if (!file) {
        return {};
    }
    const std::uint64_t size = (*file)->size_bytes().value_or(0);
    return read_whatever(**file, std::min(size, bytes_max));
}

}  // namespace

// One going over: which numbers came, and which did not.
class SalvagedJournal::Reading {
  public:
    Reading(Folder& folder, const SalvagedRecord& visit) : folder_(folder), visit_(visit) {}

    // The start of a segment tells how far those before it went.
    void begin_segment(const Segment& segment) {
        if (!segment.start) {
            return;
        }
        report_.epoch = std::max(report_.epoch, segment.start->epoch);
        const Sequence last = segment.start->position.last_sequence;
        if (!is_begun_) {
            report_.last = last;
            is_begun_ = true;
        }
        miss_up_to(last);
    }

    void take(const RawRecord& raw, const Place& batch) {
        if (raw.kind == RecordKind::life) {
            if (const Result<Life> life = decode_life(raw.content)) {
                report_.epoch = std::max(report_.epoch, life->epoch);
            }
            return;
        }
        // One that comes twice is of a segment that is there twice.
        const SharedBytes content = SharedBytes::copy_of(raw.content);
        if ((is_begun_ && raw.sequence <= report_.last) || !decode_record(raw.kind, content)) {
            return;
        }
        if (is_begun_) {
            miss_up_to(raw.sequence - 1);
        }
        is_begun_ = true;
        report_.last = raw.sequence;
        report_.end_is_unknown = false;
        const Result<Record> record = whole_record(folder_, raw, content, batch);
        if (record) {
            visit_(raw.sequence, *record);
            return;
        }
        const std::string file = body_file_name({batch.segment, raw.sequence});
        report_.lost.push_back({file, {0, 0, record.error().message}});
        report_.missing.push_back({raw.sequence, raw.sequence});
    }

    void lose(const std::string& file, std::vector<LostRange> ranges) {
        for (LostRange& range : ranges) {
            report_.lost.push_back({file, std::move(range)});
        }
    }
    // Something is lost behind the last record so far.
    void lose_end() { report_.end_is_unknown = true; }

    [[nodiscard]] SalvageReport take_report() { return std::move(report_); }

  private:
    void miss_up_to(Sequence last) {
        if (last > report_.last) {
            report_.missing.push_back({report_.last + 1, last});
            report_.last = last;
        }
    }

    Folder& folder_;
    const SalvagedRecord& visit_;
    SalvageReport report_;
    bool is_begun_ = false;
};

Result<SalvagedJournal> SalvagedJournal::open(const JournalFolder& journal) {
    SalvagedJournal found(journal);
    for (const std::string& file : journal.segments) {
        if (Result<void> looked = found.look_at(file); !looked) {
            return tl::unexpected(looked.error());
        }
    }
    std::ranges::stable_sort(found.segments_, {}, &Segment::number);
    return found;
}

Result<void> SalvagedJournal::look_at(const std::string& file) {
    const std::vector<std::byte> bytes = read_file(*journal_->folder, file, sector_bytes);
    Segment segment{file, segment_number(file).value_or(0), std::nullopt};
    if (bytes.size() == sector_bytes) {
        const Result<SegmentStart> start =
            read_segment_start(SectorView(bytes.data(), sector_bytes));
        if (start) {
            segment.number = start->segment;
            segment.start = *start;
        } else if (start.error().code == ErrorCode::unsupported) {
            return fail(ErrorCode::unsupported, file + ": " + start.error().message);
        }
        JournalId id{};
        std::memcpy(id.data(), bytes.data() + journal_id_at, id.size());
        if (std::ranges::count(journals_, id) == 0) {
            journals_.push_back(id);
        }
    }
    segments_.push_back(std::move(segment));
    return {};
}

std::optional<SegmentName> SalvagedJournal::name_of(const Segment& segment, ByteView bytes) const {
    for (const JournalId& journal : journals_) {
        const SegmentName name{journal, segment.number};
        if (holds_sectors_of(bytes, name)) {
            return name;
        }
    }
    return std::nullopt;
}

SalvageReport SalvagedJournal::read(const SalvagedRecord& visit) {
    Reading reading(*journal_->folder, visit);
    Progress progress("reading segment", segments_.size());
    for (const Segment& segment : segments_) {
        progress.step();
        reading.begin_segment(segment);
        const std::vector<std::byte> bytes =
            read_file(*journal_->folder, segment.file, std::numeric_limits<std::uint64_t>::max());
        const std::optional<SegmentName> name = name_of(segment, bytes);
        if (!name) {
            reading.lose(segment.file, {{0, bytes.size(), "not a sector of it can be read"}});
            reading.lose_end();
            continue;
        }
        if (!segment.start) {
            reading.lose(segment.file, {{0, sector_bytes, "its start is damaged"}});
        }
        std::uint64_t last_batch = 0;
        std::vector<LostRange> lost =
            salvage_segment(bytes, *name, [&](const RawRecord& raw, const Place& batch) {
                last_batch = std::uint64_t{batch.sector} * sector_bytes;
                reading.take(raw, batch);
            });
        if (!lost.empty() && lost.back().offset_bytes > last_batch) {
            reading.lose_end();
        }
        reading.lose(segment.file, std::move(lost));
    }
    return reading.take_report();
}

}  // namespace penstock::broker::offline
