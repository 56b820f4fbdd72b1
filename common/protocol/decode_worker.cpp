// JOIN to NOTED: what workers and reporters send and are sent.
#include "common/protocol/decode_fields.hpp"

namespace penstock::protocol {
namespace {

// Encoded sizes of the smallest rows: what a count is held against before memory is reserved.
constexpr std::size_t offered_type_bytes_min = 1 + 2 + 1;
constexpr std::size_t lease_fields_bytes_min = 18 + 1 + 1;
constexpr std::size_t assignment_bytes_min = 1 + lease_fields_bytes_min + 2;
constexpr std::size_t group_bytes_min = 1 + 2 + 2 + 1 + 1;
constexpr std::size_t outcome_bytes_min = 1 + lease_fields_bytes_min + 5;
constexpr std::size_t progress_bytes_min = 1 + lease_fields_bytes_min + 2;
constexpr std::size_t started_bytes_min = 1 + lease_fields_bytes_min + 1;

Epoch read_epoch(MessageReader& reader) {
    return Epoch{reader.uint("epoch")};
}

void read_group(MessageReader& reader, Epoch epoch, std::size_t tasks_max, DispatchGroup& group) {
    reader.tuple(nullptr, 4);
    group.type = reader.name("type");
    group.queue = reader.name("queue");
    group.time_limit = reader.milliseconds("time_limit_ms");
    group.tasks = reader.list<Assignment>("tasks", tasks_max, assignment_bytes_min,
                                          [&reader, epoch](Assignment& task) {
                                              reader.tuple(nullptr, 5);
                                              task.lease = reader.lease_fields(epoch);
                                              task.body = reader.body();
                                          });
}

void read_outcome(MessageReader& reader, Epoch epoch, Outcome& outcome) {
    reader.tuple(nullptr, 8);
    outcome.lease = reader.lease_fields(epoch);
    outcome.thread = reader.uint32("thread");
    outcome.run = reader.microseconds("run_us");
    outcome.error = reader.error_or_nil("error");
    outcome.output = reader.body();
}

}  // namespace

void read_fields(MessageReader& reader, Join& message) {
    message.worker = reader.id<WorkerId>("worker");
    message.site = reader.site_fields();
    message.slots = reader.per_slot_class("slots", slots_max);
    message.types = reader.list<OfferedType>(
        "types", reader.batch_max(), offered_type_bytes_min, [&reader](OfferedType& offered) {
            reader.tuple(nullptr, 2);
            offered.type = reader.name("type");
            offered.slot_class = reader.choice("class", SlotClass::cpu, SlotClass::wait);
        });
    message.queues = reader.names("queues");
    message.labels = reader.filled_texts("labels");
    const Epoch epoch = read_epoch(reader);
    message.held = reader.leases("held", epoch);
    message.memory = read_memory(reader);
}

void read_fields(MessageReader& reader, Dispatch& message) {
    message.epoch = read_epoch(reader);
    // The limit is for the tasks of all groups together.
    std::size_t tasks_left = reader.batch_max();
    message.groups = reader.list<DispatchGroup>(
        "groups", reader.batch_max(), group_bytes_min, [&](DispatchGroup& group) {
            read_group(reader, message.epoch, tasks_left, group);
            tasks_left -= group.tasks.size();
        });
}

void read_fields(MessageReader& reader, OutcomeBatch& message) {
    message.epoch = read_epoch(reader);
    message.outcomes = reader.list<Outcome>(
        "outcomes", reader.batch_max(), outcome_bytes_min,
        [&](Outcome& outcome) { read_outcome(reader, message.epoch, outcome); });
}

void read_fields(MessageReader& reader, Settled& message) {
    message.epoch = read_epoch(reader);
    message.ids = reader.ids("ids");
}

void read_fields(MessageReader& reader, Recall& message) {
    message.epoch = read_epoch(reader);
    message.leases = reader.leases("leases", message.epoch);
}

void read_fields(MessageReader& reader, Returned& message) {
    message.epoch = read_epoch(reader);
    message.leases = reader.leases("leases", message.epoch);
}

void read_fields(MessageReader& reader, Stop& message) {
    message.epoch = read_epoch(reader);
    message.grace = reader.milliseconds("grace_ms");
    message.leases = reader.leases("leases", message.epoch);
}

void read_fields(MessageReader& reader, Progress& message) {
    message.epoch = read_epoch(reader);
    message.reports = reader.list<ProgressReport>(
        "reports", reader.batch_max(), progress_bytes_min, [&](ProgressReport& report) {
            reader.tuple(nullptr, 5);
            report.lease = reader.lease_fields(message.epoch);
            report.permille = reader.permille("permille");
            report.note = reader.note("note");
        });
}

void read_fields(MessageReader& reader, Obituary& message) {
    message.number = reader.uint("number");
    message.worker = reader.id<WorkerId>("worker");
    message.cause = reader.choice("cause", DeathCause::exited, DeathCause::out_of_memory);
    message.code = reader.uint32("code");
    message.peak_memory_bytes = reader.uint("peak_memory_bytes");
    message.cpu = reader.microseconds("cpu_us");
    message.last_words = reader.last_words("last_words");
    message.epoch = read_epoch(reader);
    message.started = reader.list<StartedLease>(
        "started", reader.batch_max(), started_bytes_min, [&](StartedLease& started) {
            reader.tuple(nullptr, 4);
            started.lease = reader.lease_fields(message.epoch);
            started.fate = reader.choice("fate", Fate::running, Fate::being_cancelled);
        });
}

void read_fields(MessageReader& reader, Noted& message) {
    message.number = reader.uint("number");
}

}  // namespace penstock::protocol
