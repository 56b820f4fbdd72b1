// HELLO to CANCELLING, and BACKUP: what producers send and are sent.
#include "common/protocol/decode_fields.hpp"

namespace penstock::protocol {
namespace {

// Encoded sizes of the smallest rows: what a count is held against before memory is reserved.
constexpr std::size_t submitted_task_bytes_min = 1 + 18 + 1 + 1;
constexpr std::size_t site_bytes_min = 1 + 1 + 1 + 1;
constexpr std::size_t result_bytes_min = 1 + 18 + 8;

TaskOptions read_options(MessageReader& reader) {
    TaskOptions options;
    reader.tuple("options", 10);
    const Reader::Inside inside(reader, "options");
    options.durability = reader.choice("durability", durability_from_number);
    options.max_attempts = reader.uint32("max_attempts");
    options.time_limit = reader.milliseconds("time_limit_ms");
    options.backoff_base = reader.milliseconds("backoff_base_ms");
    options.backoff_max = reader.milliseconds("backoff_max_ms");
    options.notify = reader.boolean("notify");
    options.delay = reader.milliseconds("delay_ms");
    options.run_at = reader.unix_ms("run_at");
    options.expires_in = reader.milliseconds("expires_ms");
    options.expires_at = reader.unix_ms("expires_at");
    if (reader.ok() && options.delay.count() > 0 && options.run_at > 0) {
        reader.fail(ErrorCode::malformed, "run_at", "one of delay_ms and run_at");
    }
    if (reader.ok() && options.expires_in.count() > 0 && options.expires_at > 0) {
        reader.fail(ErrorCode::malformed, "expires_at", "one of expires_ms and expires_at");
    }
    return options;
}

BackupPlace read_place(MessageReader& reader, const char* field) {
    BackupPlace place;
    reader.tuple(field, 2);
    const Reader::Inside inside(reader, field);
    place.file = reader.short_text("file");
    place.offset = reader.uint("offset");
    return place;
}

void read_result(MessageReader& reader, const std::vector<Site>& sites, TaskResult& result) {
    reader.tuple(nullptr, 10);
    result.id = reader.id<TaskId>("id");
    result.state = reader.choice("state", task_state_from_number);
    result.dead_reason = reader.choice("dead_reason", dead_reason_from_number);
    result.attempts = reader.uint32("attempts");
    if (!reader.nil()) {
        const std::uint64_t site = reader.uint("site");
        if (site < sites.size()) {
            result.site = sites[static_cast<std::size_t>(site)];
        } else {
            reader.fail(ErrorCode::malformed, "site", "not an index into sites");
        }
    }
    result.thread = reader.uint32("thread");
    result.run = reader.microseconds("run_us");
    result.error = reader.error_or_nil("error");
    result.output = reader.body();
}

}  // namespace

void read_fields(MessageReader& reader, Hello& message) {
    message.name = reader.name("name");
    message.memory = read_memory(reader);
}

void read_fields(MessageReader& reader, Welcome& message) {
    message.epoch.value = reader.uint("epoch");
    message.broker_version = reader.short_text("broker_version");
    message.heartbeat = reader.milliseconds("heartbeat_ms");
    message.liveness = reader.milliseconds("liveness_ms");
    message.body_max_bytes = reader.uint("body_max_bytes");
    message.batch_max = reader.uint("batch_max");
    message.lent = read_lent(reader);
}

void read_fields(MessageReader& reader, Submit& message) {
    message.type = reader.name("type");
    message.queue = reader.name("queue");
    message.options = read_options(reader);
    message.tasks = reader.list<SubmittedTask>(
        "tasks", reader.batch_max(), submitted_task_bytes_min, [&reader](SubmittedTask& task) {
            reader.tuple(nullptr, 3);
            task.id = reader.id<TaskId>("id");
            task.body = reader.body();
        });
}

void read_fields(MessageReader& reader, Receipt& message) {
    message.durability = reader.choice("durability", durability_from_number);
    message.ids = reader.ids("ids");
}

void read_fields(MessageReader& reader, Refusal& message) {
    message.error = reader.error_fields();
    message.retry_after = reader.milliseconds("retry_after_ms");
    message.ids = reader.ids("ids");
}

void read_fields(MessageReader& reader, Await& message) {
    message.ids = reader.ids("ids");
}

void read_fields(MessageReader& reader, ResultBatch& message) {
    const auto sites =
        reader.list<Site>("sites", reader.batch_max(), site_bytes_min, [&reader](Site& site) {
            reader.tuple(nullptr, 3);
            site = reader.site_fields();
        });
    message.results =
        reader.list<TaskResult>("results", reader.batch_max(), result_bytes_min,
                                [&](TaskResult& result) { read_result(reader, sites, result); });
}

void read_fields(MessageReader& reader, Cancel& message) {
    message.ids = reader.ids("ids");
}

void read_fields(MessageReader& reader, Cancelling& message) {
    message.ids = reader.ids("ids");
}

void read_fields(MessageReader& reader, Backup& message) {
    message.request = reader.uint("request");
    message.from = read_place(reader, "from");
}

void read_fields(MessageReader& reader, BackupPart& message) {
    message.request = reader.uint("request");
    message.error = reader.error_or_nil("error");
    message.at = read_place(reader, "at");
    message.file_bytes = reader.uint("file_bytes");
    message.bytes = reader.body_part("bytes");
    message.next = read_place(reader, "next");
    message.end = read_place(reader, "end");
}

}  // namespace penstock::protocol
