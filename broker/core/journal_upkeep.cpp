#include "broker/core/journal_upkeep.hpp"

#include <algorithm>
#include <optional>
#include <span>

#include "broker/core/bodies.hpp"

namespace penstock::broker {
namespace {

// Tasks and bytes written again in one turn: others wait meanwhile.
constexpr int carried_max = 64;
constexpr std::uint64_t carried_bytes_max = std::uint64_t{1} << 20U;
// Bodies larger than this are not written again on a disk that is nearly full: they would use up
// the reserve before the segment that they are in is given back.
constexpr std::uint64_t copied_on_full_max = std::uint64_t{256} << 10U;
// What a task without bodies takes at most, with its end and long names: were it less than what it
// takes to write it again, there would be no end to that.
constexpr std::uint64_t known_task_bytes = 1'000;
// Ids in one record: a megabyte.
constexpr std::size_t forgotten_max = std::size_t{1} << 16U;

// Counts on from 0 after 4 TiB, which differences do not notice.
std::uint32_t kib_of(std::uint64_t bytes) {
    return static_cast<std::uint32_t>(bytes >> 10U);
}

bool is_needed(const Books& books, const KeptRecord& kept) {
    return books.tasks.used(kept.task) && books.tasks[kept.task].accepted_with == kept.sequence;
}

void drop_unneeded(Books& books) {
    while (!books.kept_records.empty() && !is_needed(books, books.kept_records.front())) {
        books.kept_records.pop_front();
    }
}

bool task_is_oldest(Books& books) {
    drop_unneeded(books);
    const std::optional<KeptIds> ids = books.remembered.oldest_kept();
    return !books.kept_records.empty() &&
           (!ids || books.kept_records.front().sequence < ids->sequence);
}

// The oldest record that is needed; nothing if none is.
std::optional<KeptIds> oldest_needed(Books& books) {
    if (task_is_oldest(books)) {
        const KeptRecord& kept = books.kept_records.front();
        return KeptIds{kept.sequence, kept.journal_kib};
    }
    return books.remembered.oldest_kept();
}

bool is_too_large(const Books& books, const KeptIds& oldest) {
    const std::uint64_t known = books.kept_records.size() * known_task_bytes +
                                books.counters.open_bytes + books.counters.result_bytes +
                                books.histories.bytes() + books.remembered.journal_bytes();
    const std::uint64_t kept = std::uint64_t{kib_of(books.journal_bytes) - oldest.journal_kib}
                               << 10U;
    return kept > 2 * known + books.settings.journal_slack_bytes;
}

// The bodies of those that are carried next.
void fetch_oldest(Books& books) {
    std::uint64_t bytes = 0;
    int left = carried_max;
    for (const KeptRecord& kept : books.kept_records) {
        if (left == 0 || bytes > carried_bytes_max) {
            return;
        }
        left -= is_needed(books, kept) ? 1 : 0;
        if (is_needed(books, kept) && !books.tasks[kept.task].body.is_here()) {
            fetch(books, books.tasks[kept.task]);
            bytes += books.tasks[kept.task].body.size_bytes();
        }
    }
}

}  // namespace

void write_down(Books& books, TaskIndex index) {
    const Task& task = books.tasks[index];
    if (!task.is_journaled()) {
        return;
    }
    const std::string& type = books.lanes.type_of(task.lane).name;
    const std::string& queue = books.lanes.queue_of(task.lane).name;
    keep_record(books, index,
                books.append(task, TaskAccepted{task.id, type, queue, task.options(),
                                                task.body.whole(), task.created_at, task.ticket}));
    if (is_final(task.state())) {
        books.append(task, TaskFinished{task.result(), task.last().finished_at, 0, {}, true});
        return;
    }
    if (task.last().charged > 0) {
        AttemptFailed last{task.id,
                           task.last().runs,
                           task.last().charged,
                           task.last().alone_deaths,
                           task.ticket,
                           task.run_at,
                           {}};
        // One record for each report; all say how things stand now.
        const std::span reports = books.histories.of(index);
        for (std::size_t n = 0; n < std::max<std::size_t>(reports.size(), 1); ++n) {
            if (n < reports.size()) {
                last.report = reports[n];
            }
            books.append(task, last);
        }
    }
    if (task.cancel_requested) {
        books.append(task, CancelRequested{task.id});
    }
}

void keep_record(Books& books, TaskIndex index, Sequence sequence) {
    Task& task = books.tasks[index];
    task.accepted_with = sequence;
    books.kept_records.push_back({sequence, index, kib_of(books.journal_bytes)});
    offer_to_put_away(books, index);
}

void remember_ids(Books& books, const TasksForgotten& forgotten) {
    std::span<const TaskId> rest(forgotten.ids);
    do {
        const KeptIds kept{books.last_sequence + 1, kib_of(books.journal_bytes)};
        TasksForgotten record{0, forgotten.forgotten_at, {}};
        const std::size_t count = std::min(rest.size(), forgotten_max);
        record.ids.reserve(count);
        for (std::size_t n = 0; n < count; ++n) {
            if (n + tasks_ahead < count) {
                books.remembered.prefetch(rest[n + tasks_ahead]);
            }
            const TaskId& id = rest[n];
            if (books.remembered.remember(id, forgotten.forgotten_at, kept)) {
                record.ids.push_back(id);
            }
        }
        rest = rest.subspan(count);
        record.floor_ms = books.remembered.floor_ms();
        books.remembered.told_floor(record.floor_ms, kept);
        books.append(std::move(record));
    } while (!rest.empty());
}

void note_forgotten(Books& books) {
    // Removed when they may be half of all, so that one old task in front does not keep them.
    if (++books.void_records_max * 2 > books.kept_records.size()) {
        std::erase_if(books.kept_records,
                      [&](const KeptRecord& kept) { return !is_needed(books, kept); });
        books.void_records_max = 0;
    }
}

void carry_forward(Books& books) {
    if (books.settings.durability == Durability::memory) {
        return;
    }
    const std::uint64_t begin = books.journal_bytes;
    for (int n = 0; n < carried_max && books.journal_bytes - begin < carried_bytes_max; ++n) {
        const std::optional<KeptIds> oldest_record = oldest_needed(books);
        if (!oldest_record || !is_too_large(books, *oldest_record)) {
            return;
        }
        if (!task_is_oldest(books)) {
            remember_ids(books, books.remembered.take_oldest());
            continue;
        }
        const TaskIndex oldest = books.kept_records.front().task;
        if (books.disk.nearly_full && books.tasks[oldest].body.size_bytes() > copied_on_full_max) {
            return;
        }
        if (!books.tasks[oldest].body.is_here()) {
            fetch_oldest(books);
            return;
        }
        books.kept_records.pop_front();
        write_down(books, oldest);
    }
}

Sequence unneeded_up_to(Books& books) {
    TrimMark& mark = books.trim_mark;
    if (mark.safe_with > books.outbox.durable()) {
        return 0;
    }
    Sequence released = mark.up_to;
    if (const std::optional<Sequence> kept_for_archive =
            books.archive_debt.keeps_from(books.journal_bytes, books.settings.archive_hold_bytes)) {
        released = std::min(released, *kept_for_archive - 1);
    }
    const std::optional<KeptIds> oldest = oldest_needed(books);
    mark = {oldest ? oldest->sequence - 1 : books.last_sequence, books.last_sequence};
    return released;
}

}  // namespace penstock::broker
