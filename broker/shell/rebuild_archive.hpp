// A new archive from what a journal holds, for a broker that does not run.
//
// Thread rule: a free function, used by main().
#pragma once

#include <functional>
#include <string>

#include "broker/archive/sqlite_archive.hpp"
#include "broker/core/settings.hpp"
#include "common/process/flags.hpp"

namespace penstock::broker {

struct RebuildOptions {
    std::string data;  // the folder that --data names
    std::vector<std::string> history_queues;
    ArchiveLimits limits;
};
struct RebuiltArchive {
    std::uint64_t tasks = 0;
    std::string set_aside;  // the file that was there before; empty: there was none
};

// The file that is there is set aside, in the place of one that was set aside before. Nothing is
// changed before the new one is complete.
// Errors: not_found (no journal there), conflict (a broker runs on it), and those of the journal
// and of the archive.
[[nodiscard]] Result<RebuiltArchive> rebuild_archive(const RebuildOptions& options);

// Describes the command; the line that names it leaves what to do in `chosen`.
void add_rebuild_archive(CLI::App& app, std::function<process::ExitCode()>& chosen);

}  // namespace penstock::broker
