#include "tests/unit/broker/core/random_walk/checks.hpp"

#include <array>

namespace penstock::broker::walk {
namespace {

template <typename Row>
std::vector<Row> all_rows(World& world, protocol::QueryKind what) {
    std::vector<Row> all;
    protocol::Query query;
    query.what = what;
    do {
        protocol::Answer answer = world.ask(query);
        for (Row& row : std::get<std::vector<Row>>(answer.rows)) {
            all.push_back(std::move(row));
        }
        query.cursor = answer.next_cursor;
    } while (query.cursor != 0);
    return all;
}

struct Sums {
    struct Queue {
        std::array<std::uint64_t, task_state_count> counts{};
        std::uint64_t bytes = 0;
    };
    std::map<std::string, Queue> queues;
    std::map<std::uint32_t, std::uint32_t> leases;  // by the worker's pid
    std::uint64_t open = 0;
    std::uint64_t finished = 0;
    std::uint64_t result_bytes = 0;
};

Sums sum_up(World& world) {
    Sums sums;
    for (const auto& row : all_rows<protocol::TaskRow>(world, protocol::QueryKind::tasks)) {
        Sums::Queue& queue = sums.queues[row.queue];
        ++queue.counts[static_cast<std::size_t>(row.state) - 1];
        const Truth::TaskTruth& task = world.truth().tasks().at(row.id);
        if (is_final(row.state) == task.open) {
            world.truth().fault(to_text(row.id) + ": its end is not what the journal says");
        }
        queue.bytes += is_final(row.state) ? 0 : task.bytes;
        sums.leases[row.site ? row.site->pid : 0] += row.state == TaskState::active ? 1 : 0;
        ++(is_final(row.state) ? sums.finished : sums.open);
        sums.result_bytes += row.result_bytes;
    }
    return sums;
}

}  // namespace

void recount(World& world) {
    world.sync(100);  // or nobody would be told of the tasks
    world.sync(100);  // nor of those that are left when ended ones have been forgotten
    Sums sums = sum_up(world);
    Truth& truth = world.truth();
    for (const auto& row : all_rows<protocol::QueueRow>(world, protocol::QueryKind::queues)) {
        if (row.counts != sums.queues[row.name].counts) {
            truth.fault("queue " + row.name + ": its counts are not those of its tasks");
        }
        if (row.bytes != sums.queues[row.name].bytes) {
            truth.fault("queue " + row.name + ": its bytes are not those of its tasks");
        }
    }
    for (const auto& row : all_rows<protocol::WorkerRow>(world, protocol::QueryKind::workers)) {
        if (row.leases[0] + row.leases[1] != sums.leases[row.site.pid]) {
            truth.fault("a worker's leases are not the active tasks in it");
        }
        sums.leases[row.site.pid] = 0;
    }
    for (const auto& [pid, leases] : sums.leases) {
        if (leases > 0) {
            truth.fault("a task is active in a worker that is not there");
        }
    }
    const auto broker = all_rows<protocol::BrokerRow>(world, protocol::QueryKind::broker).at(0);
    if (broker.open_tasks != sums.open || broker.finished_tasks != sums.finished ||
        broker.result_bytes != sums.result_bytes) {
        truth.fault("the broker's totals are not those of its tasks");
    }
}

void check_all_slots_are_used(World& world) {
    for (const auto& row : all_rows<protocol::WorkerRow>(world, protocol::QueryKind::workers)) {
        if (row.leases != row.slots) {
            world.truth().fault("worker " + std::to_string(row.site.pid) + " has " +
                                std::to_string(row.leases[0]) + "+" +
                                std::to_string(row.leases[1]) + " leases for " +
                                std::to_string(row.slots[0]) + "+" + std::to_string(row.slots[1]) +
                                " slots while tasks wait" + (row.draining ? " (draining)" : ""));
        }
    }
}

void check_everything_ended(World& world) {
    for (const auto& [id, task] : world.truth().tasks()) {
        if (task.open) {
            world.truth().fault(to_text(id) + " was accepted and has not ended");
        }
    }
}

}  // namespace penstock::broker::walk
