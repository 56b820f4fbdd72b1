#include <fmt/format.h>

#include "bench/system/report.hpp"
#include "bench/system/settings_text.hpp"
#include "producer/cli/table.hpp"

namespace penstock::bench {
namespace {

using cli::Align;
using cli::Table;

std::string interval_text(const Comparison& comparison) {
    return comparison.interval
               ? fmt::format("{:.2f} - {:.2f}", comparison.interval->low, comparison.interval->high)
               : "too few pairs";
}

std::string heading(const Report& report) {
    const Machine& machine = report.machine;
    return fmt::format(
        "penstock-bench {}: {} cores of {}, {}, ZeroMQ {}, {}\n"
        "load before the start (1, 5, 15 minutes): {}\n"
        "both sides       {}\n"
        "Penstock         {}\n"
        "message limit    {}\n"
        "disk limit       {}\n"
        "payload limit    {}\n"
        "image limit      {}\n"
        "{} pairs of runs of {} s (image: twice that) in turns; ratio: Penstock / limit, median of "
        "the pairs\n"
        "messages: to a broker that has finished {} tasks before\n",
        PENSTOCK_VERSION, machine.cores, machine.cpu, machine.kernel, machine.zmq, machine.compiler,
        machine.load, equal_settings, penstock_settings, message_limit_settings,
        disk_limit_settings, payload_limit_settings, image_limit_settings, report.options.pairs,
        report.options.seconds, report.options.finished);
}

std::string table_of(const std::vector<MemoryRow>& rows) {
    Table table({{"WINDOW", Align::right},
                 {"SUBMIT"},
                 {"PER CALL", Align::right},
                 {"TASKS/S", Align::right},
                 {"PROXY TASKS/S", Align::right},
                 {"RATIO", Align::right},
                 {"95 %"},
                 {"PACKED", Align::right},
                 {"TASKS/S", Align::right},
                 {"RATIO", Align::right},
                 {"95 %"}});
    for (const MemoryRow& row : rows) {
        const Comparison& rate = row.tasks_per_s;
        const auto& packed = row.of_packed;
        table.add({std::to_string(row.window), row.per_call == 1 ? "single" : "bulk",
                   std::to_string(row.per_call), fmt::format("{:.0f}", rate.penstock),
                   fmt::format("{:.0f}", rate.limit), fmt::format("{:.2f}", rate.ratio),
                   interval_text(rate), packed ? std::to_string(row.packed) : "",
                   packed ? fmt::format("{:.0f}", packed->limit) : "",
                   packed ? fmt::format("{:.2f}", packed->ratio) : "",
                   packed ? interval_text(*packed) : ""});
    }
    return "\nmemory: tasks a second\n" + table.render();
}

std::string table_of(const std::vector<LatencyRow>& rows) {
    Table table({{"TAKEN BY"},
                 {"P50 US", Align::right},
                 {"P99 US", Align::right},
                 {"PROXY P50 US", Align::right},
                 {"PROXY P99 US", Align::right},
                 {"RATIO OF P50", Align::right},
                 {"95 %"}});
    for (const LatencyRow& row : rows) {
        table.add({row.has_future ? "a thread that waits" : "a callback",
                   fmt::format("{:.0f}", row.penstock.p50_us),
                   fmt::format("{:.0f}", row.penstock.p99_us),
                   fmt::format("{:.0f}", row.limit.p50_us), fmt::format("{:.0f}", row.limit.p99_us),
                   fmt::format("{:.2f}", row.p50_us.ratio), interval_text(row.p50_us)});
    }
    return "\nlatency: one task at a time (less is better)\n" + table.render();
}

std::string table_of(const std::vector<DiskRow>& rows) {
    Table table({{"WINDOW", Align::right},
                 {"PER CALL", Align::right},
                 {"TASKS/S", Align::right},
                 {"LOG TASKS/S", Align::right},
                 {"RATIO", Align::right},
                 {"95 %"},
                 {"LOG, 128 A SYNC", Align::right},
                 {"RATIO", Align::right},
                 {"95 %"},
                 {"RECEIPT P50 US", Align::right},
                 {"P99 US", Align::right},
                 {"TASKS/SYNC", Align::right},
                 {"DISK MIB", Align::right},
                 {"ARCHIVE LAG S", Align::right}});
    for (const DiskRow& row : rows) {
        const Comparison& rate = row.tasks_per_s;
        const Comparison& small = row.of_small_batches;
        table.add({std::to_string(row.window), std::to_string(row.per_call),
                   fmt::format("{:.0f}", rate.penstock), fmt::format("{:.0f}", rate.limit),
                   fmt::format("{:.2f}", rate.ratio), interval_text(rate),
                   fmt::format("{:.0f}", small.limit), fmt::format("{:.2f}", small.ratio),
                   interval_text(small), fmt::format("{:.0f}", row.receipts.p50_us),
                   fmt::format("{:.0f}", row.receipts.p99_us),
                   fmt::format("{:.0f}", row.tasks_per_sync),
                   std::to_string(row.disk_bytes_max >> 20U),
                   fmt::format("{:.2f}", row.archive_lag_s_max)});
    }
    return "\ndisk: tasks a second, every receipt and every end synced\n" + table.render();
}

std::string table_of(const std::vector<DiskWaitRow>& rows) {
    Table table({{"DISK P50 US", Align::right},
                 {"MEMORY P50 US", Align::right},
                 {"FDATASYNC P50 US", Align::right},
                 {"ADDED SYNCS", Align::right},
                 {"95 %"}});
    for (const DiskWaitRow& row : rows) {
        table.add({fmt::format("{:.0f}", row.disk_p50_us), fmt::format("{:.0f}", row.memory_p50_us),
                   fmt::format("{:.0f}", row.sync_p50_us), fmt::format("{:.2f}", row.syncs.ratio),
                   interval_text(row.syncs)});
    }
    return "\ndisk: one task at a time (less is better)\n" + table.render();
}

std::string table_of(const std::vector<BacklogRow>& rows) {
    Table table({{"WAITING", Align::right},
                 {"SUBMITS/S", Align::right},
                 {"RESIDENT MIB", Align::right},
                 {"BYTES/TASK", Align::right},
                 {"PAGE P50 MS", Align::right},
                 {"MAX MS", Align::right},
                 {"US/TASK", Align::right},
                 {"OF THE FIRST", Align::right}});
    for (const BacklogRow& row : rows) {
        table.add({std::to_string(row.depth), fmt::format("{:.0f}", row.submits_per_s),
                   std::to_string(row.resident_bytes >> 20U),
                   fmt::format("{:.0f}", row.bytes_per_task),
                   fmt::format("{:.2f}", row.page_p50_ms), fmt::format("{:.2f}", row.page_max_ms),
                   fmt::format("{:.2f}", row.task_us),
                   fmt::format("{:.2f}", row.task_us / rows.front().task_us)});
    }
    return "\nbacklog: waiting tasks with bodies of 200 bytes, on disk\n" + table.render();
}

std::string table_of(const std::vector<ScaleRow>& rows) {
    Table table({{"WORKERS", Align::right},
                 {"QUEUES", Align::right},
                 {"US/TASK", Align::right},
                 {"AGAINST WORKERS", Align::right},
                 {"QUEUES", Align::right},
                 {"US/TASK", Align::right},
                 {"RATIO", Align::right},
                 {"95 %"}});
    for (const ScaleRow& row : rows) {
        table.add({std::to_string(row.workers), std::to_string(row.queues),
                   fmt::format("{:.2f}", row.us_per_task.penstock), std::to_string(row.few_workers),
                   std::to_string(row.few_queues), fmt::format("{:.2f}", row.us_per_task.limit),
                   fmt::format("{:.2f}", row.us_per_task.ratio), interval_text(row.us_per_task)});
    }
    return "\nscale: a task in the broker's core, with simulated workers (less is better)\n" +
           table.render();
}

std::string table_of(const std::vector<PayloadRow>& rows) {
    Table table({{"BYTES", Align::right},
                 {"SHARED GB/S", Align::right},
                 {"FRAMES GB/S", Align::right},
                 {"RATIO", Align::right},
                 {"95 %"},
                 {"MEMCPY GB/S", Align::right},
                 {"RATIO", Align::right},
                 {"95 %"}});
    for (const PayloadRow& row : rows) {
        table.add({std::to_string(row.bytes), fmt::format("{:.2f}", row.of_frames.penstock),
                   fmt::format("{:.2f}", row.of_frames.limit),
                   fmt::format("{:.2f}", row.of_frames.ratio), interval_text(row.of_frames),
                   fmt::format("{:.2f}", row.of_copy.limit),
                   fmt::format("{:.2f}", row.of_copy.ratio), interval_text(row.of_copy)});
    }
    return "\npayload: to a handler that reads it once, eight on their way\n" + table.render();
}

std::string table_of(const std::vector<ImageRow>& rows) {
    Table table({{"PHOTOS", Align::right},
                 {"IMAGES/S", Align::right},
                 {"DIRECT IMAGES/S", Align::right},
                 {"RATIO", Align::right},
                 {"95 %"}});
    for (const ImageRow& row : rows) {
        const Comparison& rate = row.images_per_s;
        table.add({std::to_string(row.photos), fmt::format("{:.1f}", rate.penstock),
                   fmt::format("{:.1f}", rate.limit), fmt::format("{:.2f}", rate.ratio),
                   interval_text(rate)});
    }
    return "\nimage: photographs a second, made 800 wide\n" + table.render();
}

std::string table_of(const std::vector<ImageWaitRow>& rows) {
    Table table({{"DURABILITY"},
                 {"MS", Align::right},
                 {"CALLED HERE MS", Align::right},
                 {"RATIO", Align::right},
                 {"95 %"}});
    for (const ImageWaitRow& row : rows) {
        table.add({std::string(name(row.level)), fmt::format("{:.2f}", row.ms.penstock),
                   fmt::format("{:.2f}", row.ms.limit), fmt::format("{:.3f}", row.ms.ratio),
                   interval_text(row.ms)});
    }
    return "\nimage: one photograph after the other (less is better)\n" + table.render();
}

}  // namespace

std::string to_text(const Report& report) {
    std::string text = heading(report);
    if (report.memory) {
        text += table_of(*report.memory);
    }
    if (report.latency) {
        text += table_of(*report.latency);
    }
    if (report.disk) {
        text += table_of(*report.disk);
    }
    if (report.disk_wait) {
        text += table_of(*report.disk_wait);
    }
    if (report.backlog) {
        text += table_of(*report.backlog);
    }
    if (report.scale) {
        text += table_of(*report.scale);
    }
    if (report.payload) {
        text += table_of(*report.payload);
    }
    if (report.image) {
        text += table_of(*report.image);
    }
    if (report.image_wait) {
        text += table_of(*report.image_wait);
    }
    text += fmt::format("\nanswers: {} right, {} wrong or missing\n", report.tally.answers,
                        report.tally.faults);
    return text;
}

}  // namespace penstock::bench
