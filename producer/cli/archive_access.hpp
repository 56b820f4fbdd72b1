// The command line's ways to the broker's archive: filters, pages and entries.
//
// Thread rule: used by the command's thread.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "common/process/flags.hpp"
#include "producer/cli/broker_access.hpp"

namespace penstock::cli {

// Which of the dead are meant.
struct DeadFilterFlags {
    std::string queue;
    std::string type;
    std::string reason;
    std::chrono::milliseconds since{0};
    bool retried = false;
};
void describe_dead_filter(CLI::App& command, DeadFilterFlags& flags);
// Whether any of them says something.
[[nodiscard]] bool filters(const DeadFilterFlags& flags);
[[nodiscard]] protocol::ArchiveFilter read_filter(const DeadFilterFlags& flags);

// Ids on the command line, or all that match a filter.
struct DeadChoiceFlags {
    std::vector<std::string> ids;
    bool all = false;
    DeadFilterFlags filter;
};
void describe_dead_choice(CLI::App& command, DeadChoiceFlags& flags);

// One request, one reply. Errors: the reply's own, unavailable, timed_out.
[[nodiscard]] Result<protocol::ArchiveReply> ask_archive(client::Client& client,
                                                         const Globals& globals,
                                                         protocol::ArchiveRequest request);

struct ArchivePage {
    std::vector<protocol::ArchivedTask> tasks;
    std::uint64_t next_cursor = 0;  // 0: there are no more
};
// Tasks that match, newest first and without reports and bodies, from `cursor` (0: the newest) on,
// at most `limit` (0: all).
[[nodiscard]] Result<ArchivePage> list_archived(client::Client& client, const Globals& globals,
                                                const protocol::ArchiveFilter& filter,
                                                std::uint64_t cursor, std::size_t limit);

// Whole tasks of the archive, and the ids that it does not know.
struct Fetched {
    std::vector<protocol::ArchivedTask> tasks;
    std::vector<TaskId> missing;
};
// `retry_ids` as in ArchiveRequest. Requires: at most fetch_max ids.
inline constexpr std::size_t fetch_max = 100;
[[nodiscard]] Result<Fetched> fetch_archived(client::Client& client, const Globals& globals,
                                             std::vector<TaskId> ids,
                                             std::vector<TaskId> retry_ids = {});

// Calls `act` with the chosen ids, up to fetch_max at a time, until it gives an error.
// Errors: malformed (an id, or neither ids nor --all), those of `act`.
using ActOnIds = std::function<Result<void>(std::vector<TaskId> ids)>;
[[nodiscard]] Result<void> for_chosen(const DeadChoiceFlags& flags, client::Client& client,
                                      const Globals& globals, const ActOnIds& act);

[[nodiscard]] Error no_such_dead(const TaskId& id);

}  // namespace penstock::cli
