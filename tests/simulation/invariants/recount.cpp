#include "tests/simulation/invariants/recount.hpp"

#include <array>
#include <map>
#include <set>

namespace penstock::simulation {
namespace {

using protocol::QueryKind;
using enum Invariant;

struct Sums {
    struct Queue {
        std::array<std::uint64_t, task_state_count> counts{};
        std::uint64_t bytes = 0;
    };
    std::map<std::string, Queue> queues;
    std::map<std::uint32_t, std::uint32_t> leases;  // by the worker's pid
    std::uint64_t open = 0;
    std::uint64_t open_bytes = 0;
    std::uint64_t finished = 0;
    std::uint64_t result_bytes = 0;
};

Sums sum_up(const std::vector<protocol::TaskRow>& rows, const Errands& errands) {
    Sums sums;
    for (const protocol::TaskRow& row : rows) {
        Sums::Queue& queue = sums.queues[row.queue];
        ++queue.counts[static_cast<std::size_t>(row.state) - 1];
        const std::uint64_t bytes =
            is_final(row.state) ? 0 : errands[number_of(row.id)].body.size_bytes();
        queue.bytes += bytes;
        sums.open_bytes += bytes;
        if (row.state == TaskState::active) {
            ++sums.leases[row.site ? row.site->pid : 0];
        }
        ++(is_final(row.state) ? sums.finished : sums.open);
        sums.result_bytes += row.result_bytes;
    }
    return sums;
}

void check_queues(BrokerHost& broker, Watch& watch, Sums& sums) {
    const broker::Settings& limits = watch.plan().settings;
    for (const auto& row : broker.ask_all<protocol::QueueRow>(QueryKind::queues)) {
        const Sums::Queue& counted = sums.queues[row.name];
        if (row.counts != counted.counts || row.bytes != counted.bytes) {
            watch.verdict().violated(accounts_equal_recount,
                                     "queue " + row.name + " does not count what is in it");
        }
        std::uint64_t open = 0;
        for (std::size_t state = 0; state < 5; ++state) {
            open += counted.counts[state];
        }
        if (open > limits.queue_tasks_max || counted.bytes > limits.queue_bytes_max) {
            watch.verdict().violated(bounded, "queue " + row.name + " holds more than it may");
        }
    }
}

void check_workers(BrokerHost& broker, Watch& watch, Sums& sums) {
    for (const auto& row : broker.ask_all<protocol::WorkerRow>(QueryKind::workers)) {
        if (row.leases[0] + row.leases[1] != sums.leases[row.site.pid]) {
            watch.verdict().violated(accounts_equal_recount,
                                     "a worker's leases are not the active tasks in it");
        }
        sums.leases.erase(row.site.pid);
    }
    if (!sums.leases.empty()) {
        watch.verdict().violated(accounts_equal_recount,
                                 "a task is active in a worker that is not there");
    }
}

// What ids take that are remembered, at most: also as broker/core/remembered_ids.cpp has it.
std::uint64_t forgotten_bytes(Watch& watch) {
    constexpr std::uint64_t id_bytes = 20;
    constexpr std::uint64_t record_bytes = 100;
    std::uint64_t ids = 0;
    std::set<std::int64_t> seconds;
    for (ErrandNumber number = 0; number < watch.errands().size(); ++number) {
        if (watch.history()[number].journaled.forgotten) {
            ++ids;
            seconds.insert(created_unix_ms(watch.errands()[number].id) / 1'000);
        }
    }
    return ids * id_bytes + seconds.size() * record_bytes;
}

// What nobody needs any more is trimmed, and the oldest that is needed is written again when too
// much stands behind it.
void check_journal_size(const BrokerHost& broker, Watch& watch, const Sums& sums,
                        std::uint64_t result_bytes) {
    constexpr std::uint64_t known_task_bytes = 1'000;  // as broker/core/journal_upkeep.cpp has it
    // What is on its way, and what one turn leaves to the next: it is trimmed with the next batch.
    const std::uint64_t margin = 150'000 + 40 * watch.plan().body_bytes_max;
    const Journal& journal = broker.journal();
    if (journal.has_work()) {
        return;
    }
    const std::uint64_t known = 2 * (sums.open + sums.finished) * known_task_bytes +
                                sums.open_bytes + result_bytes + forgotten_bytes(watch);
    const std::uint64_t allowed = 2 * known + watch.plan().settings.journal_slack_bytes + margin;
    const auto& first = journal.log().state().segments.front();
    const std::uint64_t kept = watch.history().bytes_after(first.last_sequence);
    if (kept > allowed) {
        watch.verdict().violated(bounded, "the journal holds " + std::to_string(kept) +
                                              " bytes of records where " + std::to_string(allowed) +
                                              " are enough");
    }
}

}  // namespace

void recount(BrokerHost& broker, Watch& watch) {
    broker.settle();
    if (!broker.is_up()) {
        return;
    }
    const auto rows = broker.ask_all<protocol::TaskRow>(QueryKind::tasks);
    if (!broker.is_up()) {
        return;
    }
    watch.shown(rows);
    Sums sums = sum_up(rows, watch.errands());
    const broker::Settings& limits = watch.plan().settings;
    if (sums.open > limits.tasks_max || sums.open_bytes > limits.bytes_max) {
        watch.verdict().violated(bounded, "the broker holds more than it may");
    }
    check_queues(broker, watch, sums);
    check_workers(broker, watch, sums);
    const auto totals = broker.ask_all<protocol::BrokerRow>(QueryKind::broker);
    if (broker.is_up() && (totals.size() != 1 || totals[0].open_tasks != sums.open ||
                           totals[0].finished_tasks != sums.finished ||
                           totals[0].result_bytes != sums.result_bytes)) {
        watch.verdict().violated(accounts_equal_recount,
                                 "the broker's totals are not those of its tasks");
    }
    if (broker.is_up() && totals.size() == 1) {
        check_journal_size(broker, watch, sums, totals[0].result_bytes);
    }
}

void check_all_slots_work(BrokerHost& broker, Watch& watch, Errands& errands) {
    std::array<std::size_t, slot_class_count> slots{};
    for (const auto& row : broker.ask_all<protocol::WorkerRow>(QueryKind::workers)) {
        slots[0] += row.slots[0];
        slots[1] += row.slots[1];
    }
    const std::array<std::pair<const char*, const char*>, slot_class_count> kinds{
        {{probe_type, "default"}, {probe_wait_type, "night"}}};
    for (std::size_t slot_class = 0; slot_class < slot_class_count; ++slot_class) {
        protocol::Submit submit{kinds[slot_class].first, kinds[slot_class].second, {}, {}};
        for (std::size_t n = 0; n < slots[slot_class]; ++n) {
            submit.tasks.push_back({errands.invent_probe(submit.type, submit.queue).id, {}});
        }
        broker.submit(std::move(submit));
    }
    for (const auto& row : broker.ask_all<protocol::WorkerRow>(QueryKind::workers)) {
        // A stranger offers nothing that anybody wants.
        const bool is_strange = row.site.host == stranger_host;
        if (row.leases != row.slots && !row.draining && !is_strange &&
            watch.is_connected(row.worker)) {
            watch.verdict().violated(
                slots_come_back, row.site.host + "/" + std::to_string(row.site.process) +
                                     " has tasks for " + std::to_string(row.leases[0]) + " and " +
                                     std::to_string(row.leases[1]) + " slots of " +
                                     std::to_string(row.slots[0]) + " and " +
                                     std::to_string(row.slots[1]));
        }
    }
}

void check_everything_ended(BrokerHost& broker, Watch& watch) {
    for (const auto& row : broker.ask_all<protocol::TaskRow>(QueryKind::tasks)) {
        if (!is_final(row.state)) {
            watch.verdict().violated(all_ends_after_peace,
                                     "task " + std::to_string(number_of(row.id)) +
                                         " has not ended and nobody waits for it");
        }
    }
}

}  // namespace penstock::simulation
