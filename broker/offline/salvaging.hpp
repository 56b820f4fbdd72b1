// Makes a journal of what can still be read of a damaged one.
//
// Thread rule: used by main(), before any thread starts.
#pragma once

#include <cstdint>
#include <string>

#include "broker/offline/census.hpp"
#include "broker/offline/salvaged_journal.hpp"

namespace penstock::broker::offline {

struct Salvaged {
    SalvageReport report;
    Census census;  // of what was copied
    Epoch epoch;    // of the new journal's life
};

// `folder` is the data folder to make; nothing is changed in `journal`. Errors: conflict (it is
// there and holds something), unsupported, internal (also if no record can be read), disk_full.
[[nodiscard]] Result<Salvaged> salvage(const JournalFolder& journal, const std::string& folder);

// How many there are of them.
[[nodiscard]] std::uint64_t missing_records(const SalvageReport& report);

// For who would rather go on with what is left than not at all: if the journal in this data folder
// is damaged, one that is salvaged from it takes its place, and it is kept beside it as
// "journal.damaged-TIME". Logs what is lost. Does nothing if there is no journal, or a sound one.
// Errors: conflict (a broker runs on it), and those of salvage().
[[nodiscard]] Result<void> accept_damage(const std::string& data);

}  // namespace penstock::broker::offline
