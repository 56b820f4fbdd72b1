// What can still be read of a damaged journal, and exactly what cannot.
//
// Thread rule: used by main(); nothing is written to the damaged journal.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "broker/offline/journal_folder.hpp"
#include "broker/store/log/record_codec.hpp"
#include "broker/store/log/salvage_scan.hpp"

namespace penstock::broker::offline {

// Of the journal's own numbers, both ends included.
struct MissingRecords {
    Sequence first = 0;
    Sequence last = 0;

    [[nodiscard]] std::uint64_t count() const { return last - first + 1; }
    friend bool operator==(const MissingRecords&, const MissingRecords&) = default;
};

struct LostPart {
    std::string file;
    LostRange range;
};

struct SalvageReport {
    std::vector<LostPart> lost;
    std::vector<MissingRecords> missing;
    Sequence last = 0;  // the last number that anything tells of
    Epoch epoch;        // the last one that anything tells of
    // Whether something was lost behind the last record, so that others may have followed it.
    bool end_is_unknown = false;
};

// Called for each record that can be read whole, oldest first, with the number that it has there.
using SalvagedRecord = std::function<void(Sequence sequence, const Record& record)>;

class SalvagedJournal {
  public:
    // Looks at the starts of all segments. The folder outlives this.
    // Errors: unsupported (of another version: that Penstock can read it), internal.
    [[nodiscard]] static Result<SalvagedJournal> open(const JournalFolder& journal);

    // Goes over all segments. May be called again, and finds the same.
    [[nodiscard]] SalvageReport read(const SalvagedRecord& visit);

  private:
    struct Segment {
        std::string file;
        std::uint64_t number = 0;
        std::optional<SegmentStart> start;  // if it can be read
    };
    class Reading;

    explicit SalvagedJournal(const JournalFolder& journal) : journal_(&journal) {}
    [[nodiscard]] Result<void> look_at(const std::string& file);
    [[nodiscard]] std::optional<SegmentName> name_of(const Segment& segment, ByteView bytes) const;

    const JournalFolder* journal_;
    std::vector<Segment> segments_;    // in the order of their numbers
    std::vector<JournalId> journals_;  // ids that the segments may have been written with
};

}  // namespace penstock::broker::offline
