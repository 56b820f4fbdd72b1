// HELLO to CANCELLING, and BACKUP: what producers send and are sent.
#include <algorithm>
#include <limits>

#include "common/protocol/encode_fields.hpp"

namespace penstock::protocol {
namespace {

// The distinct sites of a batch, and for each result the index of its site.
struct SiteTable {
    static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();
    std::vector<const Site*> sites;
    std::vector<std::uint32_t> indices;
};

SiteTable collect_sites(const std::vector<TaskResult>& results) {
    SiteTable table;
    table.indices.reserve(results.size());
    for (const TaskResult& result : results) {
        if (result.site.host.empty()) {
            table.indices.push_back(SiteTable::none);
            continue;
        }
        // From the back: the results of one worker tend to come together.
        const auto same = [&result](const Site* site) { return *site == result.site; };
        const auto found = std::find_if(table.sites.rbegin(), table.sites.rend(), same);
        const auto index = (table.sites.rend() - found) - 1;
        if (index >= 0) {
            table.indices.push_back(static_cast<std::uint32_t>(index));
            continue;
        }
        table.indices.push_back(static_cast<std::uint32_t>(table.sites.size()));
        table.sites.push_back(&result.site);
    }
    return table;
}

void write_options(MessageWriter& writer, const TaskOptions& options) {
    writer.array(10);
    writer.number(options.durability);
    writer.uint(options.max_attempts);
    writer.duration(options.time_limit);
    writer.duration(options.backoff_base);
    writer.duration(options.backoff_max);
    writer.boolean(options.notify);
    writer.duration(options.delay);
    writer.unix_ms(options.run_at);
    writer.duration(options.expires_in);
    writer.unix_ms(options.expires_at);
}

void write_place(MessageWriter& writer, const BackupPlace& place) {
    writer.array(2);
    writer.short_text(place.file);
    writer.uint(place.offset);
}

void write_result(MessageWriter& writer, const TaskResult& result, std::uint32_t site) {
    writer.array(10);
    writer.id(result.id);
    writer.number(result.state);
    writer.number(result.dead_reason);
    writer.uint(result.attempts);
    if (site == SiteTable::none) {
        writer.nil();
    } else {
        writer.uint(site);
    }
    writer.uint(result.thread);
    writer.duration(result.run);
    writer.error_or_nil(result.error);
    writer.body(result.output);
}

}  // namespace

std::size_t header_bytes_of(const Submit& message) {
    constexpr std::size_t row_bytes = 1 + 18;
    std::size_t sum = 0;
    for (const SubmittedTask& task : message.tasks) {
        sum += row_bytes + header_bytes_of(task.body);
    }
    return sum;
}

std::size_t header_bytes_of(const ResultBatch& message) {
    constexpr std::size_t row_bytes = 1 + 18 + 2 + 5 + 5 + 5 + 9 + 8;
    std::size_t sum = 0;
    for (const TaskResult& result : message.results) {
        sum += row_bytes + header_bytes_of(result.output) +
               (result.error ? result.error->message.size() : 0);
    }
    return sum;
}

void write_fields(MessageWriter& writer, const Hello& message) {
    writer.name(message.name);
    write_memory(writer, message.memory);
}

void write_fields(MessageWriter& writer, const Welcome& message) {
    writer.uint(message.epoch.value);
    writer.short_text(message.broker_version);
    writer.duration(message.heartbeat);
    writer.duration(message.liveness);
    writer.uint(message.body_max_bytes);
    writer.uint(message.batch_max);
    write_lent(writer, message.lent);
}

void write_fields(MessageWriter& writer, const Submit& message) {
    writer.name(message.type);
    writer.name(message.queue);
    write_options(writer, message.options);
    writer.array(message.tasks.size());
    for (const SubmittedTask& task : message.tasks) {
        writer.array(3);
        writer.id(task.id);
        writer.body(task.body);
    }
}

void write_fields(MessageWriter& writer, const Receipt& message) {
    writer.number(message.durability);
    writer.ids(message.ids);
}

void write_fields(MessageWriter& writer, const Refusal& message) {
    writer.error_fields(message.error);
    writer.duration(message.retry_after);
    writer.ids(message.ids);
}

void write_fields(MessageWriter& writer, const Await& message) {
    writer.ids(message.ids);
}

void write_fields(MessageWriter& writer, const ResultBatch& message) {
    const SiteTable table = collect_sites(message.results);
    writer.array(table.sites.size());
    for (const Site* site : table.sites) {
        writer.array(3);
        writer.site_fields(*site);
    }
    writer.array(message.results.size());
    for (std::size_t i = 0; i < message.results.size(); ++i) {
        write_result(writer, message.results[i], table.indices[i]);
    }
}

void write_fields(MessageWriter& writer, const Cancel& message) {
    writer.ids(message.ids);
}

void write_fields(MessageWriter& writer, const Cancelling& message) {
    writer.ids(message.ids);
}

void write_fields(MessageWriter& writer, const Backup& message) {
    writer.uint(message.request);
    write_place(writer, message.from);
}

void write_fields(MessageWriter& writer, const BackupPart& message) {
    writer.uint(message.request);
    writer.error_or_nil(message.error);
    write_place(writer, message.at);
    writer.uint(message.file_bytes);
    writer.body_part(message.bytes);
    write_place(writer, message.next);
    write_place(writer, message.end);
}

}  // namespace penstock::protocol
