// The questions that are asked, one row per answer.
//
//     memory    How many tasks a second, of 100 bytes each way, that live in memory only?
//     latency   How long is one task on its way, from run() to its end, when nothing else is?
//     disk      How many tasks a second, every receipt and every end of which is synced? What does
//               the disk cost a task that somebody waits for?
//     backlog   What do waiting tasks cost, in memory and in speed, the more there are?
//     scale     What does a task cost the broker's core among many workers and queues?
//     payload   How fast do large payloads get to where they are used, on one host?
//     image     How many photographs a second?
//
// Each, but for backlog and scale, against its bare limit: what the machine does with the same
// bytes, or the same handler, and nothing of Penstock around it.
//
// Thread rule: used by main().
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "bench/system/penstock_side.hpp"
#include "bench/system/proxy_side.hpp"
#include "bench/system/rounds.hpp"
#include "bench/system/statistics.hpp"
#include "common/model/result.hpp"

namespace penstock::bench {

struct MemoryRow {
    std::size_t window = 0;
    std::size_t per_call = 1;  // 1: single submits
    Comparison tasks_per_s;    // against one message a task
    std::size_t packed = 1;
    std::optional<Comparison> of_packed;  // in bulk: against `packed` tasks in a message
};

struct Latency {
    double p50_us = 0;  // over all rounds together
    double p99_us = 0;
};
[[nodiscard]] Latency latency_of(const std::vector<Measured>& rounds);

struct LatencyRow {
    bool has_future = false;  // a thread waits for each one's future; else a callback takes it
    Latency penstock;
    Latency limit;
    Comparison p50_us;  // of the rounds' medians
};

struct DiskRow {
    std::size_t window = 0;
    std::size_t per_call = 1;
    Comparison tasks_per_s;       // against the bare log, with batches of the same size
    Comparison of_small_batches;  // against the bare log, 128 tasks a sync
    Latency receipts;             // from run() on
    double tasks_per_sync = 0;
    double bytes_per_sync = 0;
    std::uint64_t disk_bytes_max = 0;  // of the data folder, after any run
    double archive_lag_s_max = 0;      // until the archive had all dead tasks, after any run
};
struct DiskWaitRow {
    double disk_p50_us = 0;    // one task after the other, to a broker with a disk
    double memory_p50_us = 0;  // to one without
    double sync_p50_us = 0;    // one write of 4 KiB and its fdatasync
    // What the disk adds, in syncs: (disk - memory) / sync, of the medians of each round.
    Comparison syncs;
};

struct BacklogRow {
    std::uint64_t depth = 0;           // tasks that wait, of 200 bytes
    double submits_per_s = 0;          // on the way to that depth, in bulk, with synced receipts
    std::uint64_t resident_bytes = 0;  // of the broker
    double bytes_per_task = 0;         // more than with none
    double page_p50_ms = 0;            // listing a hundred of them
    double page_max_ms = 0;
    double task_us = 0;  // of the next ones that are run, from dispatch to end
};

// Simulated workers, in the scheduler alone.
struct ScaleRow {
    std::uint64_t workers = 0;
    std::uint64_t queues = 0;
    std::uint64_t few_workers = 0;  // what it is held against
    std::uint64_t few_queues = 0;
    Comparison us_per_task;
};

struct PayloadRow {
    std::size_t bytes = 0;  // of one payload
    Comparison of_frames;   // GB/s through shared memory, against the same through sockets
    Comparison of_copy;     // against copying them once, on one core
};

struct ImageRow {
    std::size_t photos = 0;
    Comparison images_per_s;
};

struct ImageWaitRow {
    Durability level = Durability::memory;
    Comparison ms;  // of one photograph, from run() on, against the handler called right here
};

// Runs tasks until the broker has finished so many: it remembers the last million by default, and
// one that looks back on nothing is quicker than it will ever be again.
[[nodiscard]] Result<void> age_broker(PenstockSide& penstock, Turns& turns, std::uint64_t tasks);

// How many tasks travel in one call, for a window that is refilled in bulk: four calls fill it,
// none is larger than 1000.
[[nodiscard]] std::size_t bulk_size(std::size_t window);

// Two rows per window, single and bulk, against the same runs of the limit; one where bulk would
// be single. Bulk against packed messages, too.
[[nodiscard]] Result<std::vector<MemoryRow>> run_memory(PenstockSide& penstock, ProxySide& proxy,
                                                        Turns& turns,
                                                        const std::vector<std::size_t>& windows,
                                                        Duration duration);

[[nodiscard]] Result<std::vector<LatencyRow>> run_latency(PenstockSide& penstock, ProxySide& proxy,
                                                          Turns& turns, Duration duration);

// One row per window, submitted in bulk, against the bare log of `folder`.
[[nodiscard]] Result<std::vector<DiskRow>> run_disk(PenstockSide& penstock, const Folder& folder,
                                                    Turns& turns,
                                                    const std::vector<std::size_t>& windows,
                                                    Duration duration);
[[nodiscard]] Result<std::vector<DiskWaitRow>> run_disk_wait(PenstockSide& disk,
                                                             PenstockSide& memory,
                                                             const Folder& folder, Turns& turns,
                                                             Duration duration);

// To a broker of its own, which takes about 400 MiB of disk for each million tasks.
[[nodiscard]] Result<std::vector<BacklogRow>> run_backlog(const Folder& folder, Turns& turns,
                                                          const std::vector<std::uint64_t>& depths);

[[nodiscard]] Result<std::vector<ScaleRow>> run_scale(Turns& turns, Duration duration);

// One row per size, eight payloads on their way at once, read by `test.read`.
[[nodiscard]] Result<std::vector<PayloadRow>> run_payload(PenstockSide& penstock, Turns& turns,
                                                          const std::vector<std::size_t>& sizes,
                                                          Duration duration);

// Runs take twice the duration: an image is a large part of a short run.
[[nodiscard]] Result<std::vector<ImageRow>> run_image(PenstockSide& penstock, const Folder& folder,
                                                      Turns& turns,
                                                      const std::filesystem::path& photos,
                                                      Duration duration);
// One photograph after the other, to a broker with a disk and to one without.
[[nodiscard]] Result<std::vector<ImageWaitRow>> run_image_wait(PenstockSide& disk,
                                                               PenstockSide& memory, Turns& turns,
                                                               const std::filesystem::path& photos,
                                                               Duration duration);

}  // namespace penstock::bench
