// Every limit and interval of the scheduler: default, unit, reason.
//
// Thread rule: a value, fixed at start.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/model/task.hpp"
#include "common/protocol/limits.hpp"

namespace penstock::broker {

struct Settings {
    // --- signs of life
    // A peer that sent nothing else speaks up this often. One second notices a loss soon and
    // costs nothing.
    std::chrono::milliseconds heartbeat{1'000};
    // Silence after which a worker's leases end. Six heartbeats ride out a busy machine.
    std::chrono::milliseconds liveness{6'000};

    // --- admission
    // Tasks waiting or running per queue; a million of 1 KiB fit the byte limit below.
    std::uint64_t queue_tasks_max = 1'000'000;
    // Bytes of bodies per queue, in memory or in the journal.
    std::uint64_t queue_bytes_max = std::uint64_t{1} << 30U;
    // The same over all queues, so that many queues cannot take what one may not. A task takes
    // about 200 bytes beside its bodies, so this is 2 GiB.
    std::uint64_t tasks_max = 10'000'000;
    std::uint64_t bytes_max = std::uint64_t{4} << 30U;
    // Pairs of a queue and a type that have tasks, open or remembered. They are created by naming
    // them; this bounds what a typing mistake in a loop can create.
    std::uint32_t lanes_max = 10'000;
    // Types that workers have ever offered; they are known for the broker's life.
    std::uint32_t types_max = 10'000;
    // When the bodies of open tasks take more memory, those that the journal has are put away, and
    // read when their turn comes. Those of a million small tasks stay.
    std::uint64_t bodies_here_bytes_max = std::uint64_t{256} << 20U;
    // What a refused producer is told to wait.
    std::chrono::milliseconds busy_retry_after{1'000};
    // The level that the journal can give: tasks that ask for more are refused.
    Durability durability = Durability::disk;

    // --- attempts
    std::uint32_t max_attempts = 5;  // as Celery, BullMQ and Sidekiq users expect: a handful
    std::chrono::milliseconds time_limit{600'000};
    std::chrono::milliseconds backoff_base{1'000};
    std::chrono::milliseconds backoff_max{300'000};
    // Processes that a task may kill while it is alone in them before it is called poison.
    std::uint32_t alone_deaths_max = 2;
    // Workers that may be lost without a word while they hold a task before it is given up:
    // it may be what takes the machines down.
    std::uint32_t losses_max = 5;
    // How long a running attempt that was asked to stop may go on before its process is killed.
    std::chrono::milliseconds stop_grace{5'000};
    // How long a task of a type that nobody has ever offered waits, once there are workers.
    std::chrono::milliseconds no_handler_grace{5'000};

    // --- dispatch
    // Work that one slot may have, running and waiting, judged by the types' averages: long enough
    // to hide a round trip, too short to be noticed. Longer types never wait. Per slot, since the
    // slots of a process work side by side: its last task still waits no longer than this.
    std::chrono::microseconds waiting_work{2'000};
    // Leases of one process beyond its slots; about what keeps a core busy with empty tasks.
    std::uint32_t waiting_leases_max = 1'024;
    // Waiting work that has not moved for this long is called back when another slot is free; after
    // ten times as long also when all are busy, because its place in the order is before theirs.
    std::chrono::milliseconds recall_after{10};

    // --- memory of the past
    std::uint64_t results_bytes_max = std::uint64_t{256} << 20U;
    std::chrono::milliseconds result_ttl{3'600'000};
    // Finished tasks that are remembered for questions, with what became of them, and how long.
    std::uint64_t finished_tasks_max = 1'000'000;
    std::chrono::milliseconds finished_ttl{86'400'000};
    // How long the bare ids of tasks are remembered after that, from when they were made on, and
    // how many: a day covers every repetition that anybody means, and ten million take 250 MB. What
    // is older is refused. Neither bounds the tasks above: what is known is known.
    std::chrono::milliseconds dedup_window{86'400'000};
    std::uint64_t dedup_ids_max = 10'000'000;
    // An id that was made later than this is refused: it would be remembered for that much longer.
    std::chrono::milliseconds dedup_ahead_max{3'600'000};
    // Sessions that may wait for one task; each is told its result.
    std::size_t waiters_max = 256;

    // The journal on disk may have this much beside twice what is known. Then the oldest that is
    // still needed is written again, so that what is before it can go. Two segments.
    std::uint64_t journal_slack_bytes = std::uint64_t{128} << 20U;

    // --- archive
    // Whether there is one that is told of ends (broker/archive).
    bool archive = false;
    // Queues whose tasks it is told of however they end ('*': all); dead ones it always gets.
    std::vector<std::string> history_queues;
    // How the failed attempts of an open task went: the latest of each task, all in memory. Four
    // times what a task is given by default.
    std::size_t reports_max = 20;
    std::uint64_t reports_bytes_max = std::uint64_t{256} << 20U;
    // How far the journal may grow for an archive that has failed: days, usually, and no disk's
    // end. Beyond it the archive is left with a gap.
    std::uint64_t archive_hold_bytes = std::uint64_t{4} << 30U;

    // --- messages
    std::uint64_t body_max_bytes = protocol::Limits{}.body_max_bytes;
    std::size_t batch_max = protocol::Limits{}.batch_max;  // tasks, results or ids
    std::size_t batch_bytes_max = std::size_t{4} << 20U;   // bodies in one message
    // A batch is closed, and a page ends, when its header frame reaches about this size; a peer
    // refuses more than 1 MiB.
    std::size_t header_bytes_max = protocol::batch_inline_max_bytes;
    std::uint64_t query_rows_max = 1'000;
    // Tasks looked at for one page: less than a millisecond, as others wait meanwhile.
    std::uint64_t query_scan_max = 10'000;
};

}  // namespace penstock::broker
