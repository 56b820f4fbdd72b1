// The name of a new journal.
#pragma once

#include "broker/store/log/sector.hpp"

namespace penstock::broker {

// From the kernel's random numbers. Thread rule: any. Throws std::system_error if it has none.
[[nodiscard]] JournalId random_journal_id();

}  // namespace penstock::broker
