// backlog: what waiting tasks cost, the more of them there are.
#include <algorithm>
#include <cstdio>
#include <string>

#include "bench/system/backlog_side.hpp"
#include "bench/system/workloads.hpp"

namespace penstock::bench {
namespace {

// Enough to be measured, and few beside what waits.
constexpr std::uint64_t run_most = 100'000;
constexpr int page_samples = 20;

double seconds_of(Duration duration) {
    return std::chrono::duration<double>(duration).count();
}

Result<BacklogRow> measure_at(BacklogSide& side, std::uint64_t depth, std::uint64_t missing,
                              std::uint64_t empty_bytes) {
    BacklogRow row;
    row.depth = depth;
    const Result<Duration> added = side.add(missing);
    if (!added) {
        return tl::unexpected(added.error());
    }
    row.submits_per_s = static_cast<double>(missing) / seconds_of(*added);
    const Result<std::uint64_t> resident = side.resident_bytes();
    if (!resident) {
        return tl::unexpected(resident.error());
    }
    row.resident_bytes = *resident;
    row.bytes_per_task = (static_cast<double>(*resident) - static_cast<double>(empty_bytes)) /
                         static_cast<double>(depth);
    std::vector<double> pages;
    for (int n = 0; n < page_samples; ++n) {
        const Result<Duration> page = side.list_page();
        if (!page) {
            return tl::unexpected(page.error());
        }
        pages.push_back(seconds_of(*page) * 1e3);
    }
    row.page_p50_ms = median(pages);
    row.page_max_ms = *std::ranges::max_element(pages);
    const Result<BacklogSide::Run> run = side.run_some(std::min(run_most, depth / 2));
    if (!run) {
        return tl::unexpected(run.error());
    }
    row.task_us = seconds_of(run->elapsed) * 1e6 / static_cast<double>(run->tasks);
    return row;
}

}  // namespace

Result<std::vector<BacklogRow>> run_backlog(const Folder& folder, Turns& turns,
                                            const std::vector<std::uint64_t>& depths) {
    const auto side = BacklogSide::start(folder);
    if (!side) {
        return tl::unexpected(side.error());
    }
    // A broker that has seen something, and has nothing left of it.
    if (const auto warm = (*side)->add(1); !warm) {
        return tl::unexpected(warm.error());
    }
    const Result<std::uint64_t> empty = (*side)->resident_bytes();
    if (!empty) {
        return tl::unexpected(empty.error());
    }
    std::vector<BacklogRow> rows;
    std::uint64_t waiting = 0;
    for (const std::uint64_t depth : depths) {
        const std::string label = "backlog, " + std::to_string(depth) + " tasks";
        static_cast<void>(std::fprintf(stderr, "penstock-bench: %s\n", label.c_str()));
        const std::uint64_t missing = depth - std::min(depth, waiting);
        Result<BacklogRow> row = BacklogRow{};
        const auto measured = turns.once(label, [&] {
            row = measure_at(**side, depth, missing, *empty);
            Measured all;
            all.answers = row ? missing : 0;
            return all;
        });
        if (!row || !measured) {
            return tl::unexpected(row ? measured.error() : row.error());
        }
        rows.push_back(*row);
        waiting = depth - std::min(run_most, depth / 2);
    }
    return rows;
}

}  // namespace penstock::bench
