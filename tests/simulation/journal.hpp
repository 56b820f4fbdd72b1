// The segmented log without its thread: the same batches, the same writer and reader, on a disk
// that takes its time and may lose its power in the middle of anything.
//
// Thread rule: one thread.
#pragma once

#include <functional>
#include <optional>
#include <utility>

#include "broker/store/log/batch_queue.hpp"
#include "broker/store/log/open_log.hpp"
#include "tests/simulation/disk.hpp"

namespace penstock::simulation {

class Journal final : public broker::Journal {
  public:
    // Sees the records that are appended, with the number of the first, before they are written.
    using Witness = std::function<void(std::span<const broker::Record>, broker::Sequence first)>;

    // Whether a turn's records are left to flush(), if nothing else is on its way to the disk.
    using LeavesToFlush = std::function<bool()>;

    Journal(Disk& disk, const broker::LogOptions& options, Witness witness,
            LeavesToFlush leaves_to_flush);

    [[nodiscard]] Durability level() const override { return Durability::disk; }
    [[nodiscard]] Result<void> replay(const broker::RecordReader& visit) override;
    [[nodiscard]] Result<Epoch> begin_epoch(Instant now) override;
    [[nodiscard]] std::optional<int> wake_descriptor() const override { return std::nullopt; }
    [[nodiscard]] Result<void> append(std::span<const broker::Record> records) override;
    [[nodiscard]] bool wants_flush() const override { return is_left_for_flush_; }
    [[nodiscard]] Result<void> flush(broker::Flush where) override;
    [[nodiscard]] broker::DiskReport disk() const override { return disk_; }
    [[nodiscard]] broker::Sequence durable() const override { return durable_; }
    void trim(broker::Sequence sequence) override;
    [[nodiscard]] Result<std::size_t> read(std::span<const broker::Sequence> sequences,
                                           const broker::RecordReader& visit) override {
        return log_.read(sequences, visit);
    }

    // What its thread would do, in two steps that take time: a batch becomes durable; then what can
    // wait is done. An error is final, and the next append() will tell it.
    [[nodiscard]] bool has_work() const {
        return stage_ != Stage::idle || (!waiting_->empty() && !is_left_for_flush_);
    }
    void do_next();
    // Whether that removes segments.
    [[nodiscard]] bool trims_next() const;
    // Somebody may have made room on a full disk.
    void look_at_disk() {
        if (disk_.nearly_full && stage_ == Stage::idle) {
            stage_ = Stage::written;
        }
    }
    [[nodiscard]] bool failed() const { return failure_.has_value(); }
    [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }

    [[nodiscard]] const broker::OpenLog& log() const { return log_; }
    // The epoch of this life. Requires: begin_epoch() has succeeded.
    [[nodiscard]] Epoch epoch() const { return epoch_; }
    void witness_replay(broker::RecordReader witness) { replay_witness_ = std::move(witness); }

  private:
    [[nodiscard]] Result<void> get_ready();

    enum class Stage : std::uint8_t { idle, written };

    Witness witness_;
    LeavesToFlush leaves_to_flush_;
    broker::RecordReader replay_witness_;
    broker::OpenLog log_;
    std::optional<broker::BatchQueue> waiting_;
    Stage stage_ = Stage::idle;
    bool is_left_for_flush_ = false;
    Epoch epoch_;
    broker::Sequence durable_ = 0;
    broker::Sequence trim_to_ = 0;
    broker::DiskReport disk_;
    std::optional<Error> failure_;
};

}  // namespace penstock::simulation
