// ARCHIVE_REQUEST and ARCHIVE_REPLY: tasks that have ended, with what became of their attempts.
#include <algorithm>

#include "common/protocol/encode_fields.hpp"

namespace penstock::protocol {
namespace {

void write_filter(MessageWriter& writer, const ArchiveFilter& filter) {
    writer.array(6);
    if (filter.state) {
        writer.number(*filter.state);
    } else {
        writer.uint(0);
    }
    writer.number(filter.dead_reason);
    writer.name(filter.queue);
    writer.name(filter.type);
    writer.unix_ms(filter.since);
    writer.boolean(filter.retried);
}

void write_kept_options(MessageWriter& writer, const TaskOptions& options) {
    writer.array(5);
    writer.number(options.durability);
    writer.uint(options.max_attempts);
    writer.duration(options.time_limit);
    writer.duration(options.backoff_base);
    writer.duration(options.backoff_max);
}

void write_task(MessageWriter& writer, const ArchivedTask& task) {
    writer.array(15);
    writer.id(task.id);
    writer.name(task.type);
    writer.name(task.queue);
    writer.number(task.state);
    writer.number(task.dead_reason);
    writer.uint(task.attempts);
    write_kept_options(writer, task.options);
    writer.unix_ms(task.created_at);
    writer.unix_ms(task.finished_at);
    writer.error_or_nil(task.error);
    if (task.retry_id) {
        writer.id(*task.retry_id);
    } else {
        writer.nil();
    }
    writer.unix_ms(task.retried_at);
    writer.array(task.reports.size());
    for (const AttemptReport& report : task.reports) {
        writer.report(report);
    }
    writer.body(task.body);
}

}  // namespace

std::size_t header_bytes_of(const ArchiveReply& message) {
    constexpr std::size_t row_bytes = 256;
    constexpr std::size_t report_bytes = 192;
    std::size_t sum = 0;
    for (const ArchivedTask& task : message.tasks) {
        sum += row_bytes + task.reports.size() * report_bytes + header_bytes_of(task.body);
    }
    return sum;
}

void write_fields(MessageWriter& writer, const ArchiveRequest& message) {
    writer.uint(message.request);
    writer.number(message.action);
    writer.ids(message.ids);
    writer.ids(message.retry_ids);
    write_filter(writer, message.filter);
    writer.uint(message.cursor);
    writer.uint(std::min(message.limit, query_limit_max));
}

void write_fields(MessageWriter& writer, const ArchiveReply& message) {
    writer.uint(message.request);
    writer.error_or_nil(message.error);
    writer.array(message.tasks.size());
    for (const ArchivedTask& task : message.tasks) {
        write_task(writer, task);
    }
    writer.ids(message.ids);
    writer.uint(message.next_cursor);
}

}  // namespace penstock::protocol
