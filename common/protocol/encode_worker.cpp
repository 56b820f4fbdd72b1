// JOIN to NOTED: what workers and reporters send and are sent.
#include <algorithm>

#include "common/protocol/encode_fields.hpp"

namespace penstock::protocol {
namespace {

constexpr std::size_t lease_row_bytes = 1 + 18 + 5 + 9;

void write_group(MessageWriter& writer, const DispatchGroup& group, Epoch epoch) {
    writer.array(4);
    writer.name(group.type);
    writer.name(group.queue);
    writer.duration(group.time_limit);
    writer.array(group.tasks.size());
    for (const Assignment& task : group.tasks) {
        writer.array(5);
        writer.lease_fields(task.lease, epoch);
        writer.body(task.body);
    }
}

}  // namespace

std::size_t header_bytes_of(const Dispatch& message) {
    constexpr std::size_t group_bytes = 1 + 2 * (2 + name_bytes_max) + 9 + 5;
    std::size_t sum = 0;
    for (const DispatchGroup& group : message.groups) {
        sum += group_bytes;
        for (const Assignment& task : group.tasks) {
            sum += lease_row_bytes + header_bytes_of(task.body);
        }
    }
    return sum;
}

std::size_t header_bytes_of(const OutcomeBatch& message) {
    constexpr std::size_t row_bytes = lease_row_bytes + 5 + 9 + 8;
    std::size_t sum = 0;
    for (const Outcome& outcome : message.outcomes) {
        sum += row_bytes + header_bytes_of(outcome.output) +
               (outcome.error ? outcome.error->message.size() : 0);
    }
    return sum;
}

void write_fields(MessageWriter& writer, const Join& message) {
    writer.id(message.worker);
    writer.site_fields(message.site);
    writer.per_slot_class(message.slots);
    writer.array(message.types.size());
    for (const OfferedType& offered : message.types) {
        writer.array(2);
        writer.name(offered.type);
        writer.number(offered.slot_class);
    }
    writer.names(message.queues);
    writer.names(message.labels);
    const Epoch epoch = message.held.empty() ? Epoch{} : message.held.front().epoch;
    writer.uint(epoch.value);
    writer.leases(message.held, epoch);
    write_memory(writer, message.memory);
}

void write_fields(MessageWriter& writer, const Dispatch& message) {
    writer.uint(message.epoch.value);
    writer.array(message.groups.size());
    for (const DispatchGroup& group : message.groups) {
        write_group(writer, group, message.epoch);
    }
}

void write_fields(MessageWriter& writer, const OutcomeBatch& message) {
    writer.uint(message.epoch.value);
    writer.array(message.outcomes.size());
    for (const Outcome& outcome : message.outcomes) {
        writer.array(8);
        writer.lease_fields(outcome.lease, message.epoch);
        writer.uint(outcome.thread);
        writer.duration(outcome.run);
        writer.error_or_nil(outcome.error);
        writer.body(outcome.output);
    }
}

void write_fields(MessageWriter& writer, const Settled& message) {
    writer.uint(message.epoch.value);
    writer.ids(message.ids);
}

void write_fields(MessageWriter& writer, const Recall& message) {
    writer.uint(message.epoch.value);
    writer.leases(message.leases, message.epoch);
}

void write_fields(MessageWriter& writer, const Returned& message) {
    writer.uint(message.epoch.value);
    writer.leases(message.leases, message.epoch);
}

void write_fields(MessageWriter& writer, const Stop& message) {
    writer.uint(message.epoch.value);
    writer.duration(message.grace);
    writer.leases(message.leases, message.epoch);
}

void write_fields(MessageWriter& writer, const Progress& message) {
    writer.uint(message.epoch.value);
    writer.array(message.reports.size());
    for (const ProgressReport& report : message.reports) {
        writer.array(5);
        writer.lease_fields(report.lease, message.epoch);
        writer.permille(report.permille);
        writer.note(report.note);
    }
}

void write_fields(MessageWriter& writer, const Obituary& message) {
    writer.uint(message.number);
    writer.id(message.worker);
    writer.number(message.cause);
    writer.uint(message.code);
    writer.uint(message.peak_memory_bytes);
    writer.duration(message.cpu);
    writer.last_words(message.last_words);
    writer.uint(message.epoch.value);
    writer.array(message.started.size());
    for (const StartedLease& started : message.started) {
        writer.array(4);
        writer.lease_fields(started.lease, message.epoch);
        writer.number(started.fate);
    }
}

void write_fields(MessageWriter& writer, const Noted& message) {
    writer.uint(message.number);
}

}  // namespace penstock::protocol
