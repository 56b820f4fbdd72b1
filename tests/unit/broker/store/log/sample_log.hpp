// Short journals for the tests of the log: small segments, records that are easily told apart.
//
// Thread rule: one thread.
#pragma once

#include <string>
#include <vector>

#include "broker/store/log/log_writer.hpp"
#include "tests/simulation/disk.hpp"

namespace penstock::broker {

// The block of the start, and four more: a few batches fill it.
inline constexpr LogOptions small_segments{5 * block_bytes};
inline constexpr JournalId sample_journal{7, 1, 1};

// Content number `sequence`: never empty, never the same, sometimes longer than a block.
[[nodiscard]] std::string sample_content(Sequence sequence);
// The body that record `sequence` has in a file of its own, if it is one of every third: of some
// sectors.
[[nodiscard]] Body sample_body(Sequence sequence);
[[nodiscard]] constexpr bool has_sample_body(Sequence sequence) {
    return sequence % 3 == 0;
}

enum class Bodies : std::uint8_t { none, of_every_third };

// Reads the journal and writes batches to it, as a broker does in one life.
class SampleLog {
  public:
    // Reads and recovers. `ok()` is false if that failed, or a body is missing.
    explicit SampleLog(simulation::Disk& disk, const LogOptions& options = small_segments,
                       Bodies bodies = Bodies::none);

    [[nodiscard]] bool ok() const { return !error_; }
    [[nodiscard]] const std::string& error() const { return error_->message; }
    // The contents found, oldest first.
    [[nodiscard]] const std::vector<std::string>& found() const { return found_; }
    // The number of the first of them.
    [[nodiscard]] Sequence first_found() const { return first_found_; }
    [[nodiscard]] const std::optional<TornBatch>& torn() const { return torn_; }

    // Writes the next `records` as one batch. False: it failed, and nothing may follow.
    [[nodiscard]] bool write(std::size_t records);
    [[nodiscard]] bool begin_life(std::uint64_t epoch);
    [[nodiscard]] bool trim(Sequence sequence);
    [[nodiscard]] Sequence written() const { return writer_->state().position.last_sequence; }
    [[nodiscard]] const LogState& state() const { return writer_->state(); }
    [[nodiscard]] const BodyIndex& bodies() const { return writer_->bodies(); }

  private:
    bool keep(Result<void> done);

    Bodies kind_;
    std::unique_ptr<Folder> folder_;
    std::vector<std::string> found_;
    Sequence first_found_ = 0;
    std::optional<TornBatch> torn_;
    std::optional<LogWriter> writer_;
    std::optional<Error> error_;
};

}  // namespace penstock::broker
