// ARCHIVE_REQUEST and ARCHIVE_REPLY: tasks that have ended, with what became of their attempts.
#include "common/protocol/decode_fields.hpp"

namespace penstock::protocol {
namespace {

// Encoded sizes of the smallest rows: what a count is held against before memory is reserved.
constexpr std::size_t task_bytes_min = 1 + 18 + 2 + 2 + 3 + 6 + 9;
constexpr std::size_t report_bytes_min = 1 + 7;

ArchiveFilter read_filter(MessageReader& reader) {
    ArchiveFilter filter;
    reader.tuple("filter", 6);
    const Reader::Inside inside(reader, "filter");
    filter.state = task_state_from_number(reader.uint("state", task_state_count));
    filter.dead_reason = reader.choice("dead_reason", dead_reason_from_number);
    filter.queue = reader.name_or_empty("queue");
    filter.type = reader.name_or_empty("type");
    filter.since = reader.unix_ms("since");
    filter.retried = reader.boolean("retried");
    return filter;
}

TaskOptions read_kept_options(MessageReader& reader) {
    TaskOptions options;
    reader.tuple("options", 5);
    const Reader::Inside inside(reader, "options");
    options.durability = reader.choice("durability", durability_from_number);
    options.max_attempts = reader.uint32("max_attempts");
    options.time_limit = reader.milliseconds("time_limit_ms");
    options.backoff_base = reader.milliseconds("backoff_base_ms");
    options.backoff_max = reader.milliseconds("backoff_max_ms");
    return options;
}

void read_task(MessageReader& reader, ArchivedTask& task) {
    reader.tuple(nullptr, 15);
    task.id = reader.id<TaskId>("id");
    task.type = reader.name("type");
    task.queue = reader.name("queue");
    task.state = reader.choice("state", task_state_from_number);
    task.dead_reason = reader.choice("dead_reason", dead_reason_from_number);
    task.attempts = reader.uint32("attempts");
    task.options = read_kept_options(reader);
    task.created_at = reader.unix_ms("created_at");
    task.finished_at = reader.unix_ms("finished_at");
    task.error = reader.error_or_nil("error");
    if (!reader.nil()) {
        task.retry_id = reader.id<TaskId>("retry_id");
    }
    task.retried_at = reader.unix_ms("retried_at");
    task.reports =
        reader.list<AttemptReport>("reports", reader.batch_max(), report_bytes_min,
                                   [&reader](AttemptReport& report) { report = reader.report(); });
    task.body = reader.body();
}

}  // namespace

void read_fields(MessageReader& reader, ArchiveRequest& message) {
    message.request = reader.uint("request");
    message.action = reader.choice("action", ArchiveAction::list, ArchiveAction::retried);
    message.ids = reader.ids("ids");
    message.retry_ids = reader.ids("retry_ids");
    message.filter = read_filter(reader);
    message.cursor = reader.uint("cursor");
    message.limit = reader.uint("limit", query_limit_max);
    if (reader.ok() && message.limit == 0) {
        reader.fail(ErrorCode::malformed, "limit", "expected 1 or more");
    }
    if (reader.ok() && !message.retry_ids.empty() &&
        message.retry_ids.size() != message.ids.size()) {
        reader.fail(ErrorCode::malformed, "retry_ids", "expected none, or as many as ids");
    }
}

void read_fields(MessageReader& reader, ArchiveReply& message) {
    message.request = reader.uint("request");
    message.error = reader.error_or_nil("error");
    message.tasks =
        reader.list<ArchivedTask>("tasks", reader.batch_max(), task_bytes_min,
                                  [&reader](ArchivedTask& task) { read_task(reader, task); });
    message.ids = reader.ids("ids");
    message.next_cursor = reader.uint("next_cursor");
}

}  // namespace penstock::protocol
