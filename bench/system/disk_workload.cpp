// disk: what the journal costs, in bulk and for one who waits.
#include <algorithm>
#include <optional>
#include <utility>

#include "bench/system/bare_log.hpp"
#include "bench/system/workloads.hpp"

namespace penstock::bench {
namespace {

// What the syncs of the last run have carried, on average.
struct BatchSize {
    double tasks = 0;
    double bytes = 0;
};

// Of what does not change while it runs. Only tasks in bulk are worth holding for many minutes.
constexpr Duration steady_run_max = std::chrono::seconds(10);

// Among the others: what goes wrong must not slow down what goes well.
constexpr double dead_per_s = 1000;

constexpr double small_batch = 128;

std::uint64_t bytes_in(const std::filesystem::path& folder) {
    std::uint64_t bytes = 0;
    std::error_code gone;  // files come and go while they are counted
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, gone)) {
        const std::uint64_t size = entry.is_regular_file(gone) ? entry.file_size(gone) : 0;
        bytes += gone ? 0 : size;
    }
    return bytes;
}

// One window: runs Penstock and then the bare log with the batches that were seen.
class DiskTurn {
  public:
    DiskTurn(PenstockSide& penstock, BareLog& log, std::filesystem::path data, Load load)
        : penstock_(penstock), log_(log), data_(std::move(data)), load_(load) {}

    Measured run_penstock() {
        const auto before = penstock_.broker();
        Load load = load_;
        if (!std::exchange(is_warm_, true)) {
            load.duration = std::min(load.duration, steady_run_max);
        }
        Measured measured = penstock_.echo(load);
        const Result<Duration> lag = penstock_.archive_lag();
        const auto after = penstock_.broker();
        if (!lag || !before || !after || after->journal_syncs == before->journal_syncs) {
            measured.faults += 1;  // nothing was synced or archived that should have been
            return measured;
        }
        const auto syncs = static_cast<double>(after->journal_syncs - before->journal_syncs);
        size_ = {static_cast<double>(measured.answers) / syncs,
                 static_cast<double>(after->journal_bytes - before->journal_bytes) / syncs};
        sizes_.push_back(size_);
        disk_bytes_max_ = std::max(disk_bytes_max_, bytes_in(data_));
        archive_lag_s_max_ =
            std::max(archive_lag_s_max_, std::chrono::duration<double>(*lag).count());
        return measured;
    }
    Measured run_limit() { return write_log(size_); }
    // The same tasks, 128 a sync: how a log fares whose batches do not grow with the load.
    Measured run_small_limit() {
        return write_log({small_batch, small_batch * size_.bytes / size_.tasks});
    }

    [[nodiscard]] DiskRow row(const Rounds& rounds) const {
        const auto rate = [](const Measured& measured) { return measured.per_second(); };
        DiskRow row;
        row.window = load_.window;
        row.per_call = load_.per_call;
        row.tasks_per_s = compare(figures(rounds[0], rate), figures(rounds[1], rate));
        row.of_small_batches = compare(figures(rounds[0], rate), figures(rounds[2], rate));
        row.receipts = latency_of(rounds[0]);
        std::vector<double> tasks;
        std::vector<double> bytes;
        for (const BatchSize& size : sizes_) {
            tasks.push_back(size.tasks);
            bytes.push_back(size.bytes);
        }
        row.tasks_per_sync = median(tasks);
        row.bytes_per_sync = median(bytes);
        row.disk_bytes_max = disk_bytes_max_;
        row.archive_lag_s_max = archive_lag_s_max_;
        return row;
    }

  private:
    Measured write_log(const BatchSize& batch) {
        const auto bytes = std::min(static_cast<std::size_t>(batch.bytes), BareLog::file_bytes);
        return log_.write(bytes, batch.tasks, std::min(load_.duration, steady_run_max));
    }

    PenstockSide& penstock_;
    BareLog& log_;
    std::filesystem::path data_;
    Load load_;
    bool is_warm_ = false;
    BatchSize size_{1, 4096};  // until it is known
    std::vector<BatchSize> sizes_;
    std::uint64_t disk_bytes_max_ = 0;
    double archive_lag_s_max_ = 0;
};

double p50_of(const Measured& measured) {
    return median(measured.latencies_us);
}

}  // namespace

Result<std::vector<DiskRow>> run_disk(PenstockSide& penstock, const Folder& folder, Turns& turns,
                                      const std::vector<std::size_t>& windows, Duration duration) {
    Result<BareLog> log = BareLog::create(folder.path());
    if (!log) {
        return tl::unexpected(log.error());
    }
    std::vector<DiskRow> rows;
    for (const std::size_t window : windows) {
        DiskTurn turn(
            penstock, *log, folder.path() / "data",
            Load{window, bulk_size(window), duration, dead_per_s, Load::Measure::receipts});
        const Result<Rounds> rounds =
            turns.run("disk, window " + std::to_string(window),
                      {[&] { return turn.run_penstock(); }, [&] { return turn.run_limit(); },
                       [&] { return turn.run_small_limit(); }});
        if (!rounds) {
            return tl::unexpected(rounds.error());
        }
        rows.push_back(turn.row(*rounds));
    }
    return rows;
}

Result<std::vector<DiskWaitRow>> run_disk_wait(PenstockSide& disk, PenstockSide& memory,
                                               const Folder& folder, Turns& turns,
                                               Duration duration) {
    Result<BareLog> log = BareLog::create(folder.path());
    if (!log) {
        return tl::unexpected(log.error());
    }
    duration = std::min(duration, steady_run_max);
    const Result<Rounds> rounds =
        turns.run("disk, one at a time", {[&] { return disk.round_trips(duration); },
                                          [&] { return memory.round_trips(duration); },
                                          [&] { return log->write(1, 1, duration); }});
    if (!rounds) {
        return tl::unexpected(rounds.error());
    }
    const std::vector<double> with = figures(rounds->at(0), p50_of);
    const std::vector<double> without = figures(rounds->at(1), p50_of);
    const std::vector<double> syncs = figures(rounds->at(2), p50_of);
    std::vector<double> added;
    for (std::size_t i = 0; i < with.size(); ++i) {
        added.push_back(with[i] - without[i]);
    }
    return std::vector<DiskWaitRow>{
        {median(with), median(without), median(syncs), compare(added, syncs)}};
}

}  // namespace penstock::bench
