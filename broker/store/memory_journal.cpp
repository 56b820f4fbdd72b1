#include "broker/store/memory_journal.hpp"

#include "common/model/assert.hpp"

namespace penstock::broker {

Result<void> MemoryJournal::replay(const std::function<void(const Record&)>& /*visit*/) {
    PENSTOCK_ASSERT(appended_ == 0);
    return {};
}

Result<void> MemoryJournal::append(std::span<const Record> records) {
    appended_ += records.size();
    return {};
}

void MemoryJournal::trim(Sequence sequence) {
    PENSTOCK_ASSERT(sequence <= appended_);
}

}  // namespace penstock::broker
