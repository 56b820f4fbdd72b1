#include <algorithm>

#include "broker/core/producer_desk.hpp"

namespace penstock::broker {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

protocol::TaskRow row_of(Books& books, const Task& task) {
    protocol::TaskRow row;
    row.id = task.id;
    row.type = books.lanes.type_of(task.lane).name;
    row.queue = books.lanes.queue_of(task.lane).name;
    row.state = task.state();
    row.dead_reason = task.last().dead_reason;
    row.attempts = task.last().runs;
    row.max_attempts = task.terms.max_attempts();
    row.created_at = task.created_at;
    row.started_at = task.last().started_at;
    row.finished_at = task.last().finished_at;
    row.run_at = task.run_at;
    row.expires_at = task.expires_at;
    if (task.last().runs > 0) {
        row.site = task.last().site();
    }
    row.thread = task.last().thread;
    row.run = task.last().run;
    row.progress_permille = task.last().progress_permille;
    row.progress_note = task.last().progress_note();
    row.error = task.last().error();
    row.result_bytes = task.last().output.size_bytes();
    return row;
}

bool matches(Books& books, const Task& task, const protocol::Query& query) {
    return (!query.state || task.state() == *query.state) &&
           (query.queue.empty() || books.lanes.queue_of(task.lane).name == query.queue) &&
           (query.type.empty() || books.lanes.type_of(task.lane).name == query.type);
}

void find_task(Books& books, const protocol::Query& query, protocol::Answer& answer) {
    std::vector<protocol::TaskRow> rows;
    const TaskIndex index = query.id ? books.tasks.find(*query.id) : no_index;
    if (index != no_index) {
        rows.push_back(row_of(books, books.tasks[index]));
    }
    answer.rows = std::move(rows);
}

// What a row takes on the wire, roughly.
std::size_t size_bytes(const protocol::TaskRow& row) {
    constexpr std::size_t numbers = 128;
    return numbers + row.type.size() + row.queue.size() + row.progress_note.size() +
           (row.site ? row.site->host.size() : 0) + (row.error ? row.error->message.size() : 0);
}

std::size_t size_bytes(const protocol::WorkerRow& row) {
    std::size_t bytes = 128 + row.site.host.size();
    for (const auto* names : {&row.queues, &row.labels, &row.types}) {
        for (const std::string& name : *names) {
            bytes += name.size() + 2;
        }
    }
    return bytes;
}

// A page costs at most query_scan_max tasks, however many the broker knows.
void list_tasks(Books& books, const protocol::Query& query, protocol::Answer& answer) {
    std::vector<protocol::TaskRow> rows;
    const std::uint64_t wanted = std::min(query.limit, books.settings.query_rows_max);
    const std::uint64_t capacity = books.tasks.capacity();
    const std::uint64_t last = std::min(capacity, query.cursor + books.settings.query_scan_max);
    std::uint64_t at = query.cursor;
    std::size_t bytes = 0;
    for (; at < last && rows.size() < wanted && bytes < books.settings.header_bytes_max; ++at) {
        const auto index = static_cast<TaskIndex>(at);
        if (books.tasks.used(index) && matches(books, books.tasks[index], query)) {
            rows.push_back(row_of(books, books.tasks[index]));
            bytes += size_bytes(rows.back());
        }
    }
    answer.next_cursor = at < capacity ? at : 0;
    answer.rows = std::move(rows);
}

void list_queues(Books& books, const protocol::Query& query, Instant now,
                 protocol::Answer& answer) {
    std::vector<protocol::QueueRow> rows;
    const auto& queues = books.lanes.queues();
    const std::uint64_t wanted = std::min(query.limit, books.settings.query_rows_max);
    std::uint64_t at = query.cursor;
    for (; at < queues.size() && rows.size() < wanted; ++at) {
        const QueueInfo& queue = queues[at];
        rows.push_back({queue.name, queue.counts, queue.bytes, milliseconds{0}});
    }
    for (Lane& lane : books.lanes.all()) {
        const std::uint64_t position = lane.queue - query.cursor;
        const std::optional<TaskIndex> oldest = lane.front(books.tasks);
        if (lane.queue >= query.cursor && position < rows.size() && oldest) {
            protocol::QueueRow& row = rows[position];
            row.oldest_age = std::max(row.oldest_age, books.tasks[*oldest].age(now));
        }
    }
    std::erase_if(rows, [](const protocol::QueueRow& row) { return row.name.empty(); });
    answer.next_cursor = at < queues.size() ? at : 0;
    answer.rows = std::move(rows);
}

protocol::WorkerRow row_of(Books& books, const Worker& worker, WorkerIndex index, Instant now) {
    const Pool& pool = books.workers.pool_of(index);
    protocol::WorkerRow row;
    row.worker = worker.id;
    row.site = *worker.site;
    row.draining = worker.draining;
    row.slots = worker.slots;
    row.leases = worker.leases;
    row.queues = pool.queues;
    row.labels = worker.labels;
    for (const auto& [type, slot_class] : pool.types) {
        row.types.push_back(books.lanes.type(type).name);
    }
    std::ranges::sort(row.types);
    row.joined_at = worker.joined_at;
    row.completed = worker.completed;
    const auto session = books.sessions.find(worker.session);
    if (session != books.sessions.end()) {
        row.silent = duration_cast<milliseconds>(now.steady - session->second.last_heard);
    }
    return row;
}

void list_workers(Books& books, const protocol::Query& query, Instant now,
                  protocol::Answer& answer) {
    std::vector<protocol::WorkerRow> rows;
    const auto& workers = books.workers.all();
    const std::uint64_t wanted = std::min(query.limit, books.settings.query_rows_max);
    const std::size_t bytes_max = books.settings.header_bytes_max;
    std::uint64_t at = query.cursor;
    std::size_t bytes = 0;
    for (; at < workers.size() && rows.size() < wanted && bytes < bytes_max; ++at) {
        if (workers[at].used) {
            rows.push_back(row_of(books, workers[at], static_cast<WorkerIndex>(at), now));
            bytes += size_bytes(rows.back());
        }
    }
    answer.next_cursor = at < workers.size() ? at : 0;
    answer.rows = std::move(rows);
}

void describe_broker(Books& books, protocol::Answer& answer) {
    protocol::BrokerRow row;
    row.version = PENSTOCK_VERSION;
    row.epoch = books.epoch;
    row.started_at = books.started_at;
    row.finished_tasks = books.counters.finished;
    row.open_tasks = books.open_tasks();
    row.result_bytes = books.counters.result_bytes;
    row.workers = books.workers.size();
    row.stale_outcomes = books.counters.stale_outcomes;
    row.refused = books.counters.refused;
    row.durability = books.settings.durability;
    row.journal_syncs = books.disk.syncs;
    row.journal_bytes = books.disk.bytes;
    row.disk_nearly_full = books.disk.nearly_full;
    answer.rows = std::vector<protocol::BrokerRow>{row};
}

}  // namespace

void handle_query(Books& books, SessionId session, const protocol::Query& query, Instant now) {
    protocol::Answer answer;
    answer.request = query.request;
    answer.what = query.what;
    switch (query.what) {
        case protocol::QueryKind::task: find_task(books, query, answer); break;
        case protocol::QueryKind::tasks: list_tasks(books, query, answer); break;
        case protocol::QueryKind::queues: list_queues(books, query, now, answer); break;
        case protocol::QueryKind::workers: list_workers(books, query, now, answer); break;
        case protocol::QueryKind::broker: describe_broker(books, answer); break;
    }
    // Nobody may hear of a task, or of its end, that a crash could take back.
    const bool of_tasks =
        query.what == protocol::QueryKind::task || query.what == protocol::QueryKind::tasks;
    books.outbox.say_once_durable(of_tasks ? books.last_sequence : 0, session, std::move(answer));
}

}  // namespace penstock::broker
