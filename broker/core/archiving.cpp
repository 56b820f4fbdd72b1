#include "broker/core/archiving.hpp"

#include <algorithm>
#include <utility>

#include "common/model/text.hpp"

namespace penstock::broker {
namespace {

// What an entry takes in memory while it waits, beside its body and its reports.
constexpr std::uint64_t entry_bytes = 600;

std::uint64_t bytes_of(const protocol::ArchivedTask& task) {
    std::uint64_t bytes = entry_bytes;
    for (const protocol::AttemptReport& report : task.reports) {
        bytes += size_bytes(report);
    }
    return bytes;
}

}  // namespace

bool is_archived(Books& books, const Task& task) {
    if (!books.settings.archive) {
        return false;
    }
    if (task.state() == TaskState::dead) {
        return true;
    }
    const std::vector<std::string>& asked = books.settings.history_queues;
    return std::ranges::any_of(asked, [&](const std::string& queue) {
        return queue == "*" || queue == books.lanes.queue_of(task.lane).name;
    });
}

protocol::AttemptReport report_of(const Task& task, const std::optional<protocol::Death>& death) {
    protocol::AttemptReport report;
    report.attempt = task.last().runs;
    report.site = task.last().site();
    report.thread = task.last().thread;
    report.started_at = task.last().started_at;
    report.run = task.last().run;
    if (const std::optional<Error>& error = task.last().error()) {
        report.error =
            Error{error->code, std::string(beginning(error->message, lasting_text_bytes))};
    }
    report.death = death;
    return report;
}

void keep_report(Books& books, TaskIndex index, protocol::AttemptReport report) {
    if (books.settings.archive) {
        books.histories.add(index, std::move(report), books.settings);
    }
}

void archive_end(Books& books, TaskIndex index, const Ending& ending) {
    std::vector<protocol::AttemptReport> reports = books.histories.take(index);
    const Task& task = books.tasks[index];
    if (!is_archived(books, task)) {
        return;
    }
    // A task that died while it waited has told of its last attempt before.
    if (task.last().runs > 0 && !ending.again &&
        (reports.empty() || reports.back().attempt != task.last().runs)) {
        reports.push_back(report_of(task, ending.death));
    }
    ArchiveEntry entry{ending.sequence, {}, ending.again};
    protocol::ArchivedTask& archived = entry.task;
    archived.id = task.id;
    archived.type = books.lanes.type_of(task.lane).name;
    archived.queue = books.lanes.queue_of(task.lane).name;
    archived.state = task.state();
    archived.dead_reason = task.last().dead_reason;
    archived.attempts = task.last().runs;
    archived.options = task.options();
    archived.options.run_at = archived.options.expires_at = 0;  // of times that are over
    archived.created_at = task.created_at;
    archived.finished_at = task.last().finished_at;
    archived.error = task.last().error();
    archived.reports = std::move(reports);
    std::uint64_t bytes = bytes_of(archived);
    if (task.state() == TaskState::dead) {  // others are not tried again
        bytes += ending.body.size_bytes();
        if (ending.body.is_here()) {
            archived.body = ending.body.whole();
        } else {
            entry.body_in = task.accepted_with;
        }
    }
    books.archive_debt.add(ending.sequence, task.accepted_with, bytes);
    if (!books.archive_debt.failed()) {
        books.archive_entries.push_back(std::move(entry));
    }
}

}  // namespace penstock::broker
