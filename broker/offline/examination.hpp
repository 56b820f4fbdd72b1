// Reads a whole journal, every byte and every record, and says what was found.
//
// Thread rule: free functions; nothing is written.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "broker/offline/census.hpp"
#include "broker/offline/journal_folder.hpp"
#include "broker/store/log/log_reader.hpp"
#include "common/protocol/value.hpp"

namespace penstock::broker::offline {

struct Examination {
    std::string path;
    std::size_t segments = 0;
    std::size_t bodies = 0;   // with a file of their own
    std::uint64_t bytes = 0;  // of all these files
    LogState state;           // before the damage
    Census census;            // of what was read
    std::optional<Damage> damage;

    [[nodiscard]] bool is_sound() const { return !damage; }
};

// Shows progress on a terminal. Errors: unsupported, internal.
[[nodiscard]] Result<Examination> examine(const JournalFolder& journal);

// Several lines.
[[nodiscard]] std::string to_text(const Examination& found);
[[nodiscard]] Value to_json(const Examination& found);
// Of a batch that the next broker will cut.
[[nodiscard]] std::string torn_text(const TornBatch& torn);
// {"file", "byte", "reason"}
[[nodiscard]] Value to_json(const Damage& damage);

}  // namespace penstock::broker::offline
