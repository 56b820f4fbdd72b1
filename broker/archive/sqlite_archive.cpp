#include "broker/archive/sqlite_archive.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "broker/archive/rows.hpp"
#include "broker/archive/schema.hpp"
#include "common/protocol/limits.hpp"
#include "common/protocol/query_messages.hpp"

namespace penstock::broker {
namespace {

using protocol::ArchiveAction;
using protocol::ArchivedTask;
using protocol::ArchiveReply;
using protocol::ArchiveRequest;

// Rows looked at for one page: some ten milliseconds, as what ends meanwhile waits.
constexpr const char* page_floor =
    "SELECT position FROM tasks WHERE position < ? ORDER BY position DESC LIMIT 1 OFFSET 50000";
// Rows removed at once, for the same reason.
constexpr std::uint64_t purged_max = 5'000;
// Bodies in one reply; one task has a place always.
constexpr std::size_t reply_bodies_max = std::size_t{4} << 20U;
// What has been claimed for so long without being accepted was given up by whoever claimed it, and
// an id of then may be too old for a broker that forgets ids after a day.
constexpr std::int64_t claim_ms = 12LL * 3'600'000;

// What a task takes in the header frame, about.
std::size_t header_bytes(const ArchivedTask& task) {
    constexpr std::size_t numbers = 200;
    std::size_t bytes = numbers + task.type.size() + task.queue.size() +
                        (task.error ? task.error->message.size() : 0);
    for (const protocol::AttemptReport& report : task.reports) {
        bytes += size_bytes(report);
    }
    for (const SharedBytes* part : {&task.body.args, &task.body.payload}) {
        bytes += part->size() <= protocol::inline_body_max_bytes ? part->size() : 0;
    }
    return bytes;
}

// Whether the task's retry id is to be replaced by a new one.
bool is_free(const ArchivedTask& task, std::int64_t now_ms) {
    return task.state == TaskState::dead && task.retried_at == 0 &&
           (!task.retry_id || now_ms - created_unix_ms(*task.retry_id) > claim_ms);
}

template <typename Enum>
std::string_view word(const std::optional<Enum>& wanted) {
    return wanted ? name(*wanted) : std::string_view();
}

}  // namespace

Result<SqliteArchive> SqliteArchive::open(const std::string& path) {
    Result<Database> database = Database::open(path);
    if (!database) {
        return tl::unexpected(database.error());
    }
    SqliteArchive archive(*std::move(database));
    if (Result<void> ready = archive.get_ready(); !ready) {
        return tl::unexpected(ready.error());
    }
    return archive;
}

Result<void> SqliteArchive::get_ready() {
    // FULL: the journal lets go of what is here, so it must be here after a power cut, too.
    database_.execute("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON");
    if (Result<void> current = bring_up_to_date(database_); !current) {
        return current;
    }
    // So that who looks at it does not get in the way. Not before it is known to be ours: it
    // changes the file.
    database_.execute("PRAGMA journal_mode = WAL");
    applied_ = static_cast<Sequence>(database_.number("SELECT applied FROM archive"));
    extent_ = {static_cast<std::uint64_t>(database_.number("SELECT count(*) FROM tasks")),
               static_cast<std::uint64_t>(
                   database_.number("SELECT coalesce(sum(body_bytes), 0) FROM tasks"))};
    if (auto failure = database_.take_failure()) {
        return tl::unexpected(std::move(*failure));
    }
    return {};
}

Result<void> SqliteArchive::apply(std::span<const ArchiveEntry> entries) {
    if (entries.empty()) {
        return {};
    }
    const Sequence last = entries.back().sequence;
    Transaction transaction(database_, Transaction::Kind::write);
    Extent extent = extent_;
    {
        RowWriter writer(database_);
        for (const ArchiveEntry& entry : entries) {
            writer.put(entry);
        }
        extent += writer.added();
        extent -= writer.removed();
        set_applied(last);
    }
    Result<void> done = transaction.commit();
    if (done) {
        applied_ = last;
        extent_ = extent;
    }
    return done;
}

Result<void> SqliteArchive::follow(Sequence sequence) {
    Transaction transaction(database_, Transaction::Kind::write);
    set_applied(sequence);
    Result<void> done = transaction.commit();
    if (done) {
        applied_ = sequence;
    }
    return done;
}

void SqliteArchive::set_applied(Sequence sequence) {
    Statement(database_, "UPDATE archive SET applied = ?").bind(sequence).run();
}

Result<std::uint64_t> SqliteArchive::purge(const ArchiveLimits& limits, std::int64_t now_ms) {
    Extent excess = extent_;
    excess -= {limits.tasks_max, limits.bytes_max};
    Transaction transaction(database_, Transaction::Kind::write);
    Extent removed = purge_older_than(now_ms - limits.ttl.count());
    excess -= removed;
    removed += purge_oldest(excess);
    if (Result<void> done = transaction.commit(); !done) {
        return tl::unexpected(done.error());
    }
    extent_ -= removed;
    return removed.tasks;
}

Extent SqliteArchive::purge_older_than(std::int64_t unix_ms) {
    Statement removal(database_,
                      "DELETE FROM tasks WHERE position IN "
                      "(SELECT position FROM tasks WHERE finished_at < ? ORDER BY finished_at "
                      "LIMIT ?) RETURNING body_bytes");
    return removed_by(removal.bind(unix_ms, purged_max));
}

Extent SqliteArchive::purge_oldest(const Extent& excess) {
    if (excess.tasks == 0 && excess.bytes == 0) {
        return {};
    }
    // Up to which one: rows are read no further than that.
    Statement oldest(database_, "SELECT position, body_bytes FROM tasks ORDER BY position");
    Extent found;
    std::int64_t last = 0;
    while ((found.tasks < excess.tasks || found.bytes < excess.bytes) && found.tasks < purged_max &&
           oldest.step()) {
        last = oldest.integer(0);
        found += {1, static_cast<std::uint64_t>(oldest.integer(1))};
    }
    Statement removal(database_, "DELETE FROM tasks WHERE position <= ? RETURNING body_bytes");
    return removed_by(removal.bind(last));
}

ArchiveReply SqliteArchive::carry_out(const ArchiveRequest& request, std::int64_t now_ms) {
    ArchiveReply reply;
    reply.request = request.request;
    const bool only_reads = request.action == ArchiveAction::list ||
                            (request.action == ArchiveAction::get && request.retry_ids.empty());
    Transaction transaction(database_,
                            only_reads ? Transaction::Kind::read : Transaction::Kind::write);
    Extent removed;
    switch (request.action) {
        case ArchiveAction::list: list(request, reply); break;
        case ArchiveAction::get: get(request, now_ms, reply); break;
        case ArchiveAction::remove: removed = remove(request, reply); break;
        case ArchiveAction::retried: mark_retried(request, now_ms, reply); break;
    }
    if (Result<void> done = transaction.commit(); !done) {
        ArchiveReply failed;
        failed.request = request.request;
        failed.error = Error{ErrorCode::unavailable, "the archive: " + done.error().message};
        return failed;
    }
    extent_ -= removed;
    return reply;
}

void SqliteArchive::list(const ArchiveRequest& request, ArchiveReply& reply) {
    const std::int64_t top = request.cursor == 0 ? std::numeric_limits<std::int64_t>::max()
                                                 : static_cast<std::int64_t>(request.cursor);
    Statement floor_row(database_, page_floor);
    floor_row.bind(top);
    const std::int64_t floor = floor_row.step() ? floor_row.integer(0) : 0;
    const protocol::ArchiveFilter& filter = request.filter;
    const std::string sql =
        std::string("SELECT ") + task_columns +
        " FROM tasks WHERE position < ?1 AND position >= ?2 AND (?3 = '' OR state = ?3)"
        " AND (?4 = 'none' OR dead_reason = ?4) AND (?5 = '' OR queue = ?5)"
        " AND (?6 = '' OR type = ?6) AND finished_at >= ?7 AND (?8 OR retried_at = 0)"
        " ORDER BY position DESC";
    Statement rows(database_, sql.c_str());
    rows.bind(top, floor, word(filter.state), name(filter.dead_reason),
              std::string_view(filter.queue), std::string_view(filter.type), filter.since,
              std::int64_t{filter.retried ? 1 : 0});
    const std::uint64_t limit = std::min(request.limit, protocol::query_limit_max);
    std::size_t bytes = 0;
    while (reply.tasks.size() < limit && bytes < protocol::batch_inline_max_bytes) {
        if (!rows.step()) {
            reply.next_cursor = static_cast<std::uint64_t>(floor);
            return;
        }
        reply.tasks.push_back(task_in(rows));
        bytes += header_bytes(reply.tasks.back());
        reply.next_cursor = static_cast<std::uint64_t>(rows.integer(0));
    }
}

void SqliteArchive::get(const ArchiveRequest& request, std::int64_t now_ms, ArchiveReply& reply) {
    const std::string sql = std::string("SELECT ") + task_columns + " FROM tasks WHERE id = ?";
    Statement row(database_, sql.c_str());
    Statement claim(database_, "UPDATE tasks SET retry_id = ? WHERE position = ?");
    std::size_t bodies = 0;
    std::size_t header = 0;
    for (std::size_t n = static_cast<std::size_t>(request.cursor); n < request.ids.size(); ++n) {
        const std::string id = to_text(request.ids[n]);
        if (!row.bind(std::string_view(id)).step()) {
            reply.ids.push_back(request.ids[n]);
            continue;
        }
        ArchivedTask task = task_in(row);
        const std::int64_t position = row.integer(0);
        task.reports = reports_of(database_, position);
        task.body = body_of(database_, position);
        bodies += task.body.size_bytes();
        header += header_bytes(task);
        if (!reply.tasks.empty() &&
            (bodies > reply_bodies_max || header > protocol::batch_inline_max_bytes)) {
            reply.next_cursor = n;
            return;
        }
        if (!request.retry_ids.empty() && is_free(task, now_ms)) {
            task.retry_id = request.retry_ids[n];
            const std::string retry_id = to_text(*task.retry_id);
            claim.bind(std::string_view(retry_id), position).run();
        }
        reply.tasks.push_back(std::move(task));
    }
}

Extent SqliteArchive::remove(const ArchiveRequest& request, ArchiveReply& reply) {
    Statement removal(database_, "DELETE FROM tasks WHERE id = ? RETURNING body_bytes");
    Extent all;
    for (const TaskId& id : request.ids) {
        const std::string text = to_text(id);
        const Extent removed = removed_by(removal.bind(std::string_view(text)));
        if (removed.tasks > 0) {
            reply.ids.push_back(id);
            all += removed;
        }
    }
    return all;
}

void SqliteArchive::mark_retried(const ArchiveRequest& request, std::int64_t now_ms,
                                 ArchiveReply& reply) {
    Statement mark(database_,
                   "UPDATE tasks SET retried_at = iif(retried_at = 0, ?, retried_at) "
                   "WHERE id = ? AND retry_id IS NOT NULL");
    for (const TaskId& id : request.ids) {
        const std::string text = to_text(id);
        mark.bind(now_ms, std::string_view(text)).run();
        if (database_.ok() && database_.changes() > 0) {
            reply.ids.push_back(id);
        }
    }
}

}  // namespace penstock::broker
