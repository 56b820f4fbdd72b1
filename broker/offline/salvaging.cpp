#include "broker/offline/salvaging.hpp"

#include <utility>

#include "broker/offline/fresh_journal.hpp"
#include "broker/store/log/batch_queue.hpp"
#include "broker/store/log/journal_id.hpp"
#include "broker/store/log/log_writer.hpp"

namespace penstock::broker::offline {
namespace {

// Writes records behind each other, numbered anew from `last` on.
class Copier {
  public:
    Copier(Folder& folder, Sequence last, Epoch epoch)
        : writer_(folder, {}, state_at(last, epoch), random_journal_id()),
          batches_(writer_.state().position),
          done_(writer_.recover()) {}

    void add(const Record& record) {
        batches_.add({&record, 1}, encode_records({&record, 1}));
        if (batches_.size_bytes() > BatchQueue::batch_bytes) {
            write();
        }
    }
    [[nodiscard]] Result<void> finish() {
        write();
        return done_;
    }

  private:
    static LogState state_at(Sequence last, Epoch epoch) {
        LogState state;
        state.position.last_sequence = last;
        state.epoch = epoch;
        return state;
    }
    // After a failure nothing is written any more.
    void write() {
        while (!batches_.empty()) {
            Batch batch = batches_.take();
            if (done_) {
                done_ = writer_.write(batch);
            }
            batches_.reuse(std::move(batch));
        }
    }

    LogWriter writer_;
    BatchQueue batches_;
    Result<void> done_;
};

}  // namespace

Result<Salvaged> salvage(const JournalFolder& journal, const std::string& folder) {
    Result<SalvagedJournal> damaged = SalvagedJournal::open(journal);
    if (!damaged) {
        return tl::unexpected(damaged.error());
    }
    Salvaged found;
    // Numbers of the new journal begin behind all of the old one's, so that what has been derived
    // from that (an archive) takes them for news. So its end has to be known first.
    found.report = damaged->read(
        [&](Sequence sequence, const Record& record) { found.census.take(record, sequence); });
    if (found.census.records() == 0) {
        return fail(ErrorCode::internal, "no record can be read; nothing was made");
    }
    Result<FreshJournal> fresh = FreshJournal::begin(folder);
    if (!fresh) {
        return tl::unexpected(fresh.error());
    }
    Copier copier(fresh->folder(), found.report.last, found.report.epoch);
    static_cast<void>(damaged->read([&](Sequence, const Record& record) { copier.add(record); }));
    if (Result<void> written = copier.finish(); !written) {
        return tl::unexpected(written.error());
    }
    const Result<Epoch> epoch = fresh->finish(found.report.epoch);
    if (!epoch) {
        return tl::unexpected(epoch.error());
    }
    found.epoch = *epoch;
    return found;
}

std::uint64_t missing_records(const SalvageReport& report) {
    std::uint64_t sum = 0;
    for (const MissingRecords& range : report.missing) {
        sum += range.count();
    }
    return sum;
}

}  // namespace penstock::broker::offline
