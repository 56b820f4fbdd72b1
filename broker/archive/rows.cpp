#include "broker/archive/rows.hpp"

#include <chrono>
#include <limits>
#include <utility>

namespace penstock::broker {
namespace {

using protocol::ArchivedTask;
using protocol::AttemptReport;
using protocol::DeathCause;
using std::chrono::microseconds;
using std::chrono::milliseconds;

std::string_view name(DeathCause cause) {
    switch (cause) {
        case DeathCause::exited: return "exited";
        case DeathCause::signalled: return "signalled";
        case DeathCause::out_of_memory: return "out_of_memory";
    }
    return "unknown";
}

DeathCause cause_from_name(std::string_view text) {
    if (text == name(DeathCause::signalled)) {
        return DeathCause::signalled;
    }
    return text == name(DeathCause::out_of_memory) ? DeathCause::out_of_memory : DeathCause::exited;
}

// The word of a column as what it names.
template <typename FromNumber>
auto named(const std::string& word, FromNumber from_number) {
    decltype(from_number(0)) found;
    for (std::uint64_t number = 0; number <= std::numeric_limits<std::uint8_t>::max(); ++number) {
        found = from_number(number);
        if (found && penstock::name(*found) == word) {
            return found;
        }
    }
    return decltype(found)();
}

// A number of the file as one of ours.
template <typename Number>
Number number(const Statement& row, int column) {
    return static_cast<Number>(row.integer(column));
}

std::optional<std::string_view> code_of(const std::optional<Error>& error) {
    return error ? std::optional(penstock::name(error->code)) : std::nullopt;
}

std::optional<std::string_view> message_of(const std::optional<Error>& error) {
    return error ? std::optional<std::string_view>(error->message) : std::nullopt;
}

std::optional<Error> error_in(const Statement& row, int column) {
    if (row.is_null(column)) {
        return std::nullopt;
    }
    return Error{named(row.text(column), error_code_from_number).value_or(ErrorCode::internal),
                 row.text(column + 1)};
}

}  // namespace

Extent removed_by(Statement& removal) {
    Extent removed;
    while (removal.step()) {
        removed += {1, number<std::uint64_t>(removal, 0)};
    }
    return removed;
}

RowWriter::RowWriter(Database& database)
    : database_(database),
      find_(database, "SELECT position, sequence FROM tasks WHERE id = ?"),
      remove_(database, "DELETE FROM tasks WHERE position = ? RETURNING body_bytes"),
      task_(database,
            "INSERT INTO tasks (id, sequence, type, queue, state, dead_reason, attempts, "
            "durability, max_attempts, time_limit_ms, backoff_base_ms, backoff_max_ms, created_at, "
            "finished_at, error_code, error_message, body_bytes) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      body_(database, "INSERT INTO bodies (position, args, payload) VALUES (?, ?, ?)"),
      report_(database,
              "INSERT OR REPLACE INTO attempts (position, attempt, host, pid, process, thread, "
              "started_at, run_us, error_code, error_message, cause, code, peak_memory_bytes, "
              "cpu_us, last_words) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)") {}

void RowWriter::put(const ArchiveEntry& entry) {
    const std::string id = to_text(entry.task.id);
    const bool known = find_.bind(std::string_view(id)).step();
    if (known && (entry.again || number<Sequence>(find_, 1) >= entry.sequence)) {
        return;
    }
    if (known) {
        // It ended, was forgotten, was submitted anew and has ended again.
        removed_ += removed_by(remove_.bind(find_.integer(0)));
    }
    put_task(entry);
    const std::int64_t position = database_.last_position();
    put_body(position, entry.task.body);
    put_reports(position, entry.task);
    added_ += {1, entry.task.body.size_bytes()};
}

void RowWriter::put_task(const ArchiveEntry& entry) {
    const ArchivedTask& task = entry.task;
    const std::string id = to_text(task.id);
    const auto reason = task.dead_reason == DeadReason::none
                            ? std::nullopt
                            : std::optional(penstock::name(task.dead_reason));
    task_
        .bind(std::string_view(id), entry.sequence, std::string_view(task.type),
              std::string_view(task.queue), penstock::name(task.state), reason, task.attempts,
              penstock::name(task.options.durability), task.options.max_attempts,
              std::int64_t{task.options.time_limit.count()},
              std::int64_t{task.options.backoff_base.count()},
              std::int64_t{task.options.backoff_max.count()}, task.created_at, task.finished_at,
              code_of(task.error), message_of(task.error), std::uint64_t{task.body.size_bytes()})
        .run();
}

void RowWriter::put_body(std::int64_t position, const Body& body) {
    if (body.size_bytes() > 0) {
        body_.bind(position, body.args.view(), body.payload.view()).run();
    }
}

void RowWriter::put_reports(std::int64_t position, const ArchivedTask& task) {
    for (const AttemptReport& report : task.reports) {
        std::optional<std::string_view> host;
        std::optional<std::uint32_t> pid;
        std::optional<std::uint32_t> process;
        std::optional<std::uint32_t> thread;
        if (!report.site.host.empty()) {
            host = report.site.host;
            pid = report.site.pid;
            process = report.site.process;
            thread = report.thread;
        }
        std::optional<std::string_view> cause;
        std::optional<std::uint32_t> code;
        std::optional<std::uint64_t> memory;
        std::optional<std::int64_t> cpu;
        std::optional<std::string_view> words;
        if (report.death) {
            cause = name(report.death->cause);
            code = report.death->code;
            memory = report.death->peak_memory_bytes;
            cpu = report.death->cpu.count();
            words = report.death->last_words;
        }
        const auto started =
            report.started_at == 0 ? std::nullopt : std::optional(report.started_at);
        report_
            .bind(position, report.attempt, host, pid, process, thread, started,
                  std::int64_t{report.run.count()}, code_of(report.error), message_of(report.error),
                  cause, code, memory, cpu, words)
            .run();
    }
}

ArchivedTask task_in(const Statement& row) {
    ArchivedTask task;
    task.id = parse_task_id(row.text(1)).value_or(TaskId{});
    task.type = row.text(2);
    task.queue = row.text(3);
    task.state = task_state_from_name(row.text(4)).value_or(TaskState::dead);
    task.dead_reason = named(row.text(5), dead_reason_from_number).value_or(DeadReason::none);
    task.attempts = number<std::uint32_t>(row, 6);
    task.options.durability = durability_from_name(row.text(7)).value_or(Durability::memory);
    task.options.max_attempts = number<std::uint32_t>(row, 8);
    task.options.time_limit = milliseconds(row.integer(9));
    task.options.backoff_base = milliseconds(row.integer(10));
    task.options.backoff_max = milliseconds(row.integer(11));
    task.created_at = row.integer(12);
    task.finished_at = row.integer(13);
    task.error = error_in(row, 14);
    if (!row.is_null(16)) {
        if (const Result<TaskId> id = parse_task_id(row.text(16))) {
            task.retry_id = *id;
        }
    }
    task.retried_at = row.integer(17);
    return task;
}

std::vector<AttemptReport> reports_of(Database& database, std::int64_t position) {
    Statement rows(database,
                   "SELECT attempt, host, pid, process, thread, started_at, run_us, error_code, "
                   "error_message, cause, code, peak_memory_bytes, cpu_us, last_words "
                   "FROM attempts WHERE position = ? ORDER BY attempt");
    std::vector<AttemptReport> reports;
    rows.bind(position);
    while (rows.step()) {
        AttemptReport report;
        report.attempt = number<std::uint32_t>(rows, 0);
        report.site = {rows.text(1), number<std::uint32_t>(rows, 2),
                       number<std::uint32_t>(rows, 3)};
        report.thread = number<std::uint32_t>(rows, 4);
        report.started_at = rows.integer(5);
        report.run = microseconds(rows.integer(6));
        report.error = error_in(rows, 7);
        if (!rows.is_null(9)) {
            report.death = protocol::Death{
                cause_from_name(rows.text(9)), number<std::uint32_t>(rows, 10),
                number<std::uint64_t>(rows, 11), microseconds(rows.integer(12)), rows.text(13)};
        }
        reports.push_back(std::move(report));
    }
    return reports;
}

Body body_of(Database& database, std::int64_t position) {
    Statement row(database, "SELECT args, payload FROM bodies WHERE position = ?");
    row.bind(position);
    return row.step() ? Body{row.blob(0), row.blob(1)} : Body{};
}

}  // namespace penstock::broker
