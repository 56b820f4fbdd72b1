#include <cmath>

#include "bench/system/answers.hpp"
#include "bench/system/photos.hpp"
#include "bench/system/report.hpp"
#include "bench/system/settings_text.hpp"

namespace penstock::bench {
namespace {

// Digits that the next run will not confirm are left out.
double rounded(double value, int digits) {
    const double scale = std::pow(10, digits);
    return std::round(value * scale) / scale;
}

void add_ratio(Value& row, const Comparison& comparison) {
    constexpr int digits = 3;
    const auto& interval = comparison.interval;
    row["ratio"] = rounded(comparison.ratio, digits);
    row["ratio_low"] = interval ? Value(rounded(interval->low, digits)) : Value();
    row["ratio_high"] = interval ? Value(rounded(interval->high, digits)) : Value();
    row["pairs"] = comparison.pairs;
}

Value ratio_of(const Comparison& comparison) {
    Value value;
    add_ratio(value, comparison);
    return value;
}

Value row_of(const MemoryRow& row) {
    Value value = {{"window", row.window},
                   {"submit", row.per_call == 1 ? "single" : "bulk"},
                   {"tasks_per_call", row.per_call},
                   {"tasks_per_s", std::llround(row.tasks_per_s.penstock)},
                   {"proxy_tasks_per_s", std::llround(row.tasks_per_s.limit)}};
    add_ratio(value, row.tasks_per_s);
    if (row.of_packed) {
        value["packed_per_message"] = row.packed;
        value["packed_proxy_tasks_per_s"] = std::llround(row.of_packed->limit);
        value["packed"] = ratio_of(*row.of_packed);
    }
    return value;
}

Value row_of(const LatencyRow& row) {
    Value value = {{"taken_by", row.has_future ? "future" : "callback"},
                   {"p50_us", rounded(row.penstock.p50_us, 1)},
                   {"p99_us", rounded(row.penstock.p99_us, 1)},
                   {"proxy_p50_us", rounded(row.limit.p50_us, 1)},
                   {"proxy_p99_us", rounded(row.limit.p99_us, 1)}};
    add_ratio(value, row.p50_us);
    return value;
}

Value row_of(const DiskRow& row) {
    Value value = {{"window", row.window},
                   {"tasks_per_call", row.per_call},
                   {"tasks_per_s", std::llround(row.tasks_per_s.penstock)},
                   {"log_tasks_per_s", std::llround(row.tasks_per_s.limit)},
                   {"receipt_p50_us", rounded(row.receipts.p50_us, 1)},
                   {"receipt_p99_us", rounded(row.receipts.p99_us, 1)},
                   {"tasks_per_sync", rounded(row.tasks_per_sync, 1)},
                   {"bytes_per_sync", std::llround(row.bytes_per_sync)},
                   {"disk_bytes_max", row.disk_bytes_max},
                   {"archive_lag_s_max", rounded(row.archive_lag_s_max, 3)},
                   {"log_128_tasks_per_s", std::llround(row.of_small_batches.limit)},
                   {"log_128", ratio_of(row.of_small_batches)}};
    add_ratio(value, row.tasks_per_s);
    return value;
}

Value row_of(const DiskWaitRow& row) {
    Value value = {{"disk_p50_us", rounded(row.disk_p50_us, 1)},
                   {"memory_p50_us", rounded(row.memory_p50_us, 1)},
                   {"sync_p50_us", rounded(row.sync_p50_us, 1)}};
    add_ratio(value, row.syncs);
    return value;
}

Value row_of(const BacklogRow& row) {
    return {{"waiting", row.depth},
            {"submits_per_s", std::llround(row.submits_per_s)},
            {"resident_bytes", row.resident_bytes},
            {"bytes_per_task", rounded(row.bytes_per_task, 1)},
            {"page_p50_ms", rounded(row.page_p50_ms, 3)},
            {"page_max_ms", rounded(row.page_max_ms, 3)},
            {"us_per_task", rounded(row.task_us, 3)}};
}

Value row_of(const ScaleRow& row) {
    Value value = {{"workers", row.workers},
                   {"queues", row.queues},
                   {"us_per_task", rounded(row.us_per_task.penstock, 3)},
                   {"few_workers", row.few_workers},
                   {"few_queues", row.few_queues},
                   {"few_us_per_task", rounded(row.us_per_task.limit, 3)}};
    add_ratio(value, row.us_per_task);
    return value;
}

Value row_of(const PayloadRow& row) {
    Value value = {{"bytes", row.bytes},
                   {"gb_per_s", rounded(row.of_frames.penstock, 3)},
                   {"frames_gb_per_s", rounded(row.of_frames.limit, 3)},
                   {"memcpy_gb_per_s", rounded(row.of_copy.limit, 3)},
                   {"memcpy_ratio", rounded(row.of_copy.ratio, 3)}};
    add_ratio(value, row.of_frames);
    return value;
}

Value row_of(const ImageWaitRow& row) {
    Value value = {{"durability", name(row.level)},
                   {"ms", rounded(row.ms.penstock, 3)},
                   {"called_ms", rounded(row.ms.limit, 3)}};
    add_ratio(value, row.ms);
    return value;
}

Value row_of(const ImageRow& row) {
    Value value = {{"photos", row.photos},
                   {"images_per_s", rounded(row.images_per_s.penstock, 1)},
                   {"direct_images_per_s", rounded(row.images_per_s.limit, 1)}};
    add_ratio(value, row.images_per_s);
    return value;
}

template <typename Row>
void add_rows(Value& report, const char* workload, const std::optional<std::vector<Row>>& rows) {
    if (!rows) {
        return;
    }
    report[workload] = Value::array();
    for (const Row& row : *rows) {
        report[workload].push_back(row_of(row));
    }
}

Value settings(const Options& options) {
    return {{"pairs", options.pairs},
            {"seconds", options.seconds},
            {"finished_before", options.finished},
            {"worker_processes", worker_processes},
            {"body_bytes", body_bytes},
            {"transport", "ipc"},
            {"resize", value_from_json(resize_arguments).value()},
            {"both", equal_settings},
            {"penstock", penstock_settings},
            {"message_limit", message_limit_settings},
            {"disk_limit", disk_limit_settings},
            {"payload_limit", payload_limit_settings},
            {"image_limit", image_limit_settings}};
}

}  // namespace

Value to_json(const Report& report) {
    const Machine& machine = report.machine;
    Value value = {
        {"version", PENSTOCK_VERSION},
        {"machine",
         {{"cores", machine.cores},
          {"cpu", machine.cpu},
          {"kernel", machine.kernel},
          {"zmq", machine.zmq},
          {"compiler", machine.compiler},
          {"load_at_start", machine.load}}},
        {"settings", settings(report.options)},
        {"answers", {{"right", report.tally.answers}, {"wrong_or_missing", report.tally.faults}}}};
    add_rows(value, "memory", report.memory);
    add_rows(value, "latency", report.latency);
    add_rows(value, "disk", report.disk);
    add_rows(value, "disk_wait", report.disk_wait);
    add_rows(value, "backlog", report.backlog);
    add_rows(value, "scale", report.scale);
    add_rows(value, "payload", report.payload);
    add_rows(value, "image", report.image);
    add_rows(value, "image_wait", report.image_wait);
    return value;
}

}  // namespace penstock::bench
