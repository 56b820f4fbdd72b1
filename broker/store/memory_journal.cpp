#include "broker/store/memory_journal.hpp"

#include "common/model/assert.hpp"

namespace penstock::broker {

Result<std::size_t> MemoryJournal::read(std::span<const Sequence> sequences,
                                        const RecordReader& /*visit*/) {
    PENSTOCK_ASSERT(sequences.empty());
    return 0;
}

Result<void> MemoryJournal::replay(const RecordReader& /*visit*/) {
    PENSTOCK_ASSERT(appended_ == 0);
    return {};
}

// Memory forgets former epochs; the clock in microseconds has grown since, unless it was set back,
// and then the peers of a former life still see an epoch that is not theirs.
Result<Epoch> MemoryJournal::begin_epoch(Instant now) {
    PENSTOCK_ASSERT(appended_ == 0);
    return Epoch{static_cast<std::uint64_t>(now.unix_ms) * 1000};
}

Result<void> MemoryJournal::append(std::span<const Record> records) {
    appended_ += records.size();
    return {};
}

void MemoryJournal::trim(Sequence sequence) {
    PENSTOCK_ASSERT(sequence <= appended_);
}

}  // namespace penstock::broker
