// The journal in a data folder, for who only reads it.
//
// Thread rule: free functions.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "broker/store/log/files.hpp"
#include "common/process/flags.hpp"

namespace penstock::broker::offline {

struct JournalFolder {
    std::string path;
    std::unique_ptr<Folder> folder;
    std::vector<std::string> segments;  // their names, in order; at least one
    std::vector<std::string> bodies;    // names of the files beside them, in order

    [[nodiscard]] std::vector<std::string> files() const;
};

// `data` is the folder that --data names. Locked against brokers until it is destroyed.
// Errors: not_found (no folder, or no journal in it), conflict (a broker runs on it), unavailable.
[[nodiscard]] Result<JournalFolder> open_journal_of(const std::string& data);

// The positional argument for such a folder.
void add_data_argument(CLI::App& command, std::string& data);

}  // namespace penstock::broker::offline
