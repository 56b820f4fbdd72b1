// Every limit and interval of the scheduler: default, unit, reason.
//
// Thread rule: a value, fixed at start.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "common/model/task.hpp"

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
    // Bytes of bodies per queue, held in memory.
    std::uint64_t queue_bytes_max = std::uint64_t{1} << 30U;
    // Queues and types are created by naming them; this bounds what a typing mistake in a loop
    // can create.
    std::uint32_t lanes_max = 10'000;
    // What a refused producer is told to wait.
    std::chrono::milliseconds busy_retry_after{1'000};
    // The level that the journal can give.
    Durability durability = Durability::memory;

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
    // to hide a round trip, too short to be noticed. Longer types never wait.
    std::chrono::microseconds waiting_work{2'000};
    // Leases of one process beyond its slots; about what keeps a core busy with empty tasks.
    std::uint32_t waiting_leases_max = 1'024;
    // Waiting work that has not moved for this long is called back when another slot is free; after
    // ten times as long also when all are busy, because its place in the order is before theirs.
    std::chrono::milliseconds recall_after{10};

    // --- memory of the past
    std::uint64_t results_bytes_max = std::uint64_t{256} << 20U;
    std::chrono::milliseconds result_ttl{3'600'000};
    // Finished tasks that are remembered for questions and repeated submissions.
    std::uint64_t finished_tasks_max = 1'000'000;

    // --- messages
    std::uint64_t body_max_bytes = std::uint64_t{32} << 20U;
    std::size_t batch_max = 1'024;                        // tasks, results or ids
    std::size_t batch_bytes_max = std::size_t{4} << 20U;  // bodies in one message
    // A batch is closed, and a page ends, when its header frame reaches about this size; a peer
    // refuses more than 1 MiB.
    std::size_t header_bytes_max = std::size_t{256} << 10U;
    // Bodies up to this size travel inside the header frame (docs/PROTOCOL.md, section 2).
    std::size_t inline_body_max_bytes = std::size_t{64} << 10U;
    std::uint64_t query_rows_max = 1'000;
    std::uint64_t query_scan_max = 100'000;  // tasks looked at for one page
};

}  // namespace penstock::broker
