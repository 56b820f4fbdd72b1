// QUERY and ANSWER: what people look at.
#include "common/protocol/decode_fields.hpp"

namespace penstock::protocol {
namespace {

// Encoded sizes of the smallest rows: what a count is held against before memory is reserved.
constexpr std::size_t task_row_bytes_min = 3 + 18 + 18;
constexpr std::size_t queue_row_bytes_min = 1 + 1 + 10 + 2;
constexpr std::size_t worker_row_bytes_min = 1 + 18 + 4 + 6 + 6;
constexpr std::size_t broker_row_bytes_min = 1 + 13;

void read_row(MessageReader& reader, TaskRow& row) {
    reader.tuple(nullptr, 19);
    row.id = reader.id<TaskId>("id");
    row.type = reader.name("type");
    row.queue = reader.name("queue");
    row.state = reader.choice("state", task_state_from_number);
    row.dead_reason = reader.choice("dead_reason", dead_reason_from_number);
    row.attempts = reader.uint32("attempts");
    row.max_attempts = reader.uint32("max_attempts");
    row.created_at = reader.unix_ms("created_at");
    row.started_at = reader.unix_ms("started_at");
    row.finished_at = reader.unix_ms("finished_at");
    row.run_at = reader.unix_ms("run_at");
    row.expires_at = reader.unix_ms("expires_at");
    if (!reader.nil()) {
        reader.tuple("site", 3);
        const Reader::Inside inside(reader, "site");
        row.site = reader.site_fields();
    }
    row.thread = reader.uint32("thread");
    row.run = reader.microseconds("run_us");
    row.progress_permille = reader.permille("permille");
    row.progress_note = reader.note("note");
    row.error = reader.error_or_nil("error");
    row.result_bytes = reader.uint("result_bytes");
}

void read_row(MessageReader& reader, QueueRow& row) {
    reader.tuple(nullptr, 4);
    row.name = reader.name("name");
    reader.tuple("counts", task_state_count);
    for (std::uint64_t& count : row.counts) {
        count = reader.uint("counts");
    }
    row.bytes = reader.uint("bytes");
    row.oldest_age = reader.milliseconds("oldest_age_ms");
}

void read_row(MessageReader& reader, WorkerRow& row) {
    reader.tuple(nullptr, 13);
    row.worker = reader.id<WorkerId>("worker");
    row.site = reader.site_fields();
    row.draining = reader.boolean("draining");
    row.slots = reader.per_slot_class("slots");
    row.leases = reader.per_slot_class("leases");
    row.queues = reader.names("queues");
    row.labels = reader.filled_texts("labels");
    row.types = reader.names("types");
    row.joined_at = reader.unix_ms("joined_at");
    row.silent = reader.milliseconds("silent_ms");
    row.completed = reader.uint("completed");
}

void read_row(MessageReader& reader, BrokerRow& row) {
    reader.tuple(nullptr, 13);
    row.version = reader.short_text("version");
    row.epoch.value = reader.uint("epoch");
    row.started_at = reader.unix_ms("started_at");
    row.open_tasks = reader.uint("open_tasks");
    row.finished_tasks = reader.uint("finished_tasks");
    row.result_bytes = reader.uint("result_bytes");
    row.workers = reader.uint("workers");
    row.stale_outcomes = reader.uint("stale_outcomes");
    row.refused = reader.uint("refused");
    row.durability = reader.choice("durability", durability_from_number);
    row.journal_syncs = reader.uint("journal_syncs");
    row.journal_bytes = reader.uint("journal_bytes");
    row.disk_nearly_full = reader.boolean("disk_nearly_full");
}

template <typename Row>
std::vector<Row> read_rows(MessageReader& reader, std::size_t row_bytes_min) {
    return reader.list<Row>("rows", reader.batch_max(), row_bytes_min,
                            [&reader](Row& row) { read_row(reader, row); });
}

Rows read_rows_of(MessageReader& reader, QueryKind what) {
    switch (what) {
        case QueryKind::task:
        case QueryKind::tasks: return read_rows<TaskRow>(reader, task_row_bytes_min);
        case QueryKind::queues: return read_rows<QueueRow>(reader, queue_row_bytes_min);
        case QueryKind::workers: return read_rows<WorkerRow>(reader, worker_row_bytes_min);
        case QueryKind::broker: return read_rows<BrokerRow>(reader, broker_row_bytes_min);
    }
    return {};
}

}  // namespace

void read_fields(MessageReader& reader, Query& message) {
    message.request = reader.uint("request");
    message.what = reader.choice("what", QueryKind::task, QueryKind::broker);
    if (!reader.nil()) {
        message.id = reader.id<TaskId>("id");
    }
    if (reader.ok() && message.what == QueryKind::task && !message.id) {
        reader.fail(ErrorCode::malformed, "id", "expected bin of 16 bytes when what is 1");
    }
    const std::uint64_t state = reader.uint("state", task_state_count);
    message.state = task_state_from_number(state);
    message.queue = reader.name_or_empty("queue");
    message.type = reader.name_or_empty("type");
    message.cursor = reader.uint("cursor");
    message.limit = reader.uint("limit", query_limit_max);
    if (reader.ok() && message.limit == 0) {
        reader.fail(ErrorCode::malformed, "limit", "expected 1 or more");
    }
}

void read_fields(MessageReader& reader, Answer& message) {
    message.request = reader.uint("request");
    message.what = reader.choice("what", QueryKind::task, QueryKind::broker);
    message.rows = read_rows_of(reader, message.what);
    message.next_cursor = reader.uint("next_cursor");
}

}  // namespace penstock::protocol
