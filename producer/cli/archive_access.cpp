#include "producer/cli/archive_access.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <map>
#include <utility>

#include "common/model/time.hpp"

namespace penstock::cli {
namespace {

// By their names; without the one that means none.
std::map<std::string, DeadReason> dead_reasons() {
    std::map<std::string, DeadReason> reasons;
    for (std::uint8_t number = 1; number <= static_cast<std::uint8_t>(DeadReason::parent_failed);
         ++number) {
        const auto reason = static_cast<DeadReason>(number);
        reasons.emplace(name(reason), reason);
    }
    return reasons;
}

std::vector<std::string> reason_names() {
    std::vector<std::string> names;
    for (const auto& [name, reason] : dead_reasons()) {
        names.push_back(name);
    }
    return names;
}

std::vector<TaskId> ids_of(const std::vector<protocol::ArchivedTask>& tasks) {
    std::vector<TaskId> ids;
    std::ranges::transform(tasks, std::back_inserter(ids), &protocol::ArchivedTask::id);
    return ids;
}

Result<std::vector<TaskId>> read_ids(const std::vector<std::string>& texts) {
    std::vector<TaskId> ids;
    for (const std::string& text : texts) {
        const Result<TaskId> id = parse_task_id(text);
        if (!id) {
            return tl::unexpected(id.error());
        }
        ids.push_back(*id);
    }
    return ids;
}

Result<void> act_in_parts(const std::vector<TaskId>& ids, const ActOnIds& act) {
    for (std::size_t at = 0; at < ids.size(); at += fetch_max) {
        const std::size_t end = std::min(at + fetch_max, ids.size());
        if (Result<void> done = act({ids.begin() + static_cast<std::ptrdiff_t>(at),
                                     ids.begin() + static_cast<std::ptrdiff_t>(end)});
            !done) {
            return done;
        }
    }
    return {};
}

}  // namespace

void describe_dead_filter(CLI::App& command, DeadFilterFlags& flags) {
    command.add_option("--queue", flags.queue, "Only tasks of this queue");
    command.add_option("--type", flags.type, "Only tasks of this type");
    command.add_option("--reason", flags.reason, "Only tasks that are dead for this reason")
        ->type_name("REASON")
        ->check(CLI::IsMember(reason_names()));
    process::add_duration(command, "--since", flags.since,
                          "Only tasks that died so long ago or later (0: any)");
    command.add_flag("--retried", flags.retried, "Also tasks that have been retried");
}

bool filters(const DeadFilterFlags& flags) {
    return !flags.queue.empty() || !flags.type.empty() || !flags.reason.empty() ||
           flags.since.count() > 0 || flags.retried;
}

protocol::ArchiveFilter read_filter(const DeadFilterFlags& flags) {
    protocol::ArchiveFilter filter;
    filter.state = TaskState::dead;
    if (!flags.reason.empty()) {
        filter.dead_reason = dead_reasons().at(flags.reason);
    }
    filter.queue = flags.queue;
    filter.type = flags.type;
    if (flags.since.count() > 0) {
        filter.since = Instant::read().unix_ms - flags.since.count();
    }
    filter.retried = flags.retried;
    return filter;
}

void describe_dead_choice(CLI::App& command, DeadChoiceFlags& flags) {
    CLI::Option* const ids = command.add_option("ID", flags.ids, "Ids of dead tasks");
    command.add_flag("--all", flags.all, "All dead tasks, or all that match")->excludes(ids);
    describe_dead_filter(command, flags.filter);
}

Result<protocol::ArchiveReply> ask_archive(client::Client& client, const Globals& globals,
                                           protocol::ArchiveRequest request) {
    return wait_for_answer(client.archive(std::move(request)), globals);
}

Result<ArchivePage> list_archived(client::Client& client, const Globals& globals,
                                  const protocol::ArchiveFilter& filter, std::uint64_t cursor,
                                  std::size_t limit) {
    ArchivePage page{{}, cursor};
    do {
        protocol::ArchiveRequest request;
        request.filter = filter;
        request.cursor = page.next_cursor;
        const std::size_t left = limit == 0 ? protocol::query_limit_max : limit - page.tasks.size();
        request.limit = std::min<std::uint64_t>(protocol::query_limit_max, left);
        Result<protocol::ArchiveReply> reply = ask_archive(client, globals, std::move(request));
        if (!reply) {
            return tl::unexpected(reply.error());
        }
        std::ranges::move(reply->tasks, std::back_inserter(page.tasks));
        page.next_cursor = reply->next_cursor;
    } while (page.next_cursor != 0 && (limit == 0 || page.tasks.size() < limit));
    return page;
}

Result<Fetched> fetch_archived(client::Client& client, const Globals& globals,
                               std::vector<TaskId> ids, std::vector<TaskId> retry_ids) {
    protocol::ArchiveRequest request;
    request.action = protocol::ArchiveAction::get;
    request.ids = std::move(ids);
    request.retry_ids = std::move(retry_ids);
    Fetched fetched;
    do {
        Result<protocol::ArchiveReply> reply = ask_archive(client, globals, request);
        if (!reply) {
            return tl::unexpected(reply.error());
        }
        std::ranges::move(reply->tasks, std::back_inserter(fetched.tasks));
        std::ranges::move(reply->ids, std::back_inserter(fetched.missing));
        request.cursor = reply->next_cursor;
    } while (request.cursor != 0);
    return fetched;
}

Result<void> for_chosen(const DeadChoiceFlags& flags, client::Client& client,
                        const Globals& globals, const ActOnIds& act) {
    if (!flags.all) {
        if (flags.ids.empty() || filters(flags.filter)) {
            return fail(ErrorCode::malformed,
                        "name the tasks by ID, or say --all, with filters or without");
        }
        const Result<std::vector<TaskId>> ids = read_ids(flags.ids);
        return ids ? act_in_parts(*ids, act) : tl::unexpected(ids.error());
    }
    const protocol::ArchiveFilter filter = read_filter(flags.filter);
    std::uint64_t cursor = 0;
    do {
        Result<ArchivePage> page =
            list_archived(client, globals, filter, cursor, protocol::query_limit_max);
        if (!page) {
            return tl::unexpected(page.error());
        }
        if (Result<void> done = act_in_parts(ids_of(page->tasks), act); !done) {
            return done;
        }
        cursor = page->next_cursor;
    } while (cursor != 0);
    return {};
}

Error no_such_dead(const TaskId& id) {
    return {ErrorCode::not_found, fmt::format("there is no task {} in the archive", to_text(id))};
}

}  // namespace penstock::cli
