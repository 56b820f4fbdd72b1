// QUERY and ANSWER: what people look at.
#include <algorithm>
#include <variant>

#include "common/model/assert.hpp"
#include "common/protocol/encode_fields.hpp"

namespace penstock::protocol {
namespace {

void write_row(MessageWriter& writer, const TaskRow& row) {
    writer.array(19);
    writer.id(row.id);
    writer.name(row.type);
    writer.name(row.queue);
    writer.number(row.state);
    writer.number(row.dead_reason);
    writer.uint(row.attempts);
    writer.uint(row.max_attempts);
    writer.unix_ms(row.created_at);
    writer.unix_ms(row.started_at);
    writer.unix_ms(row.finished_at);
    writer.unix_ms(row.run_at);
    writer.unix_ms(row.expires_at);
    if (row.site) {
        writer.array(3);
        writer.site_fields(*row.site);
    } else {
        writer.nil();
    }
    writer.uint(row.thread);
    writer.duration(row.run);
    writer.permille(row.progress_permille);
    writer.note(row.progress_note);
    writer.error_or_nil(row.error);
    writer.uint(row.result_bytes);
}

void write_row(MessageWriter& writer, const QueueRow& row) {
    writer.array(4);
    writer.name(row.name);
    writer.array(row.counts.size());
    for (const std::uint64_t count : row.counts) {
        writer.uint(count);
    }
    writer.uint(row.bytes);
    writer.duration(row.oldest_age);
}

void write_row(MessageWriter& writer, const WorkerRow& row) {
    writer.array(13);
    writer.id(row.worker);
    writer.site_fields(row.site);
    writer.boolean(row.draining);
    writer.per_slot_class(row.slots);
    writer.per_slot_class(row.leases);
    writer.names(row.queues);
    writer.names(row.labels);
    writer.names(row.types);
    writer.unix_ms(row.joined_at);
    writer.duration(row.silent);
    writer.uint(row.completed);
}

void write_row(MessageWriter& writer, const BrokerRow& row) {
    writer.array(13);
    writer.short_text(row.version);
    writer.uint(row.epoch.value);
    writer.unix_ms(row.started_at);
    writer.uint(row.open_tasks);
    writer.uint(row.finished_tasks);
    writer.uint(row.result_bytes);
    writer.uint(row.workers);
    writer.uint(row.stale_outcomes);
    writer.uint(row.refused);
    writer.number(row.durability);
    writer.uint(row.journal_syncs);
    writer.uint(row.journal_bytes);
    writer.boolean(row.disk_nearly_full);
}

// Whether rows of this alternative are what such a query asks for.
bool belong_together(QueryKind what, const Rows& rows) {
    switch (what) {
        case QueryKind::task:
        case QueryKind::tasks: return std::holds_alternative<std::vector<TaskRow>>(rows);
        case QueryKind::queues: return std::holds_alternative<std::vector<QueueRow>>(rows);
        case QueryKind::workers: return std::holds_alternative<std::vector<WorkerRow>>(rows);
        case QueryKind::broker: return std::holds_alternative<std::vector<BrokerRow>>(rows);
    }
    return false;
}

}  // namespace

void write_fields(MessageWriter& writer, const Query& message) {
    writer.uint(message.request);
    writer.number(message.what);
    if (message.id) {
        writer.id(*message.id);
    } else {
        writer.nil();
    }
    if (message.state) {
        writer.number(*message.state);
    } else {
        writer.uint(0);
    }
    writer.name(message.queue);
    writer.name(message.type);
    writer.uint(message.cursor);
    writer.uint(std::min(message.limit, query_limit_max));
}

void write_fields(MessageWriter& writer, const Answer& message) {
    PENSTOCK_ASSERT(belong_together(message.what, message.rows));
    writer.uint(message.request);
    writer.number(message.what);
    std::visit(
        [&writer](const auto& rows) {
            writer.array(rows.size());
            for (const auto& row : rows) {
                write_row(writer, row);
            }
        },
        message.rows);
    writer.uint(message.next_cursor);
}

}  // namespace penstock::protocol
