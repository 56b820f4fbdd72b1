// Finds records that are in the journal's files again, by their numbers.
//
// Thread rule: add() and forget_before() belong to the thread that writes, read() to one other.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "broker/store/log/files.hpp"
#include "broker/store/log/frame.hpp"
#include "broker/store/log/sector.hpp"

namespace penstock::broker {

class StoredRecords {
  public:
    explicit StoredRecords(Folder& folder) : folder_(folder) {}

    // There is a batch whose first record has this number, and all its sectors are written.
    // Requires: at or behind those that have been added.
    void add(Sequence first, const Place& batch);
    // The segments before this one are no more.
    void forget_before(std::uint64_t segment);

    // Hands over the records of these numbers, in order, until read_bytes_max have been loaded.
    // Returns how many, at least one if there is any. Their content is valid during the call.
    // Requires: ascending numbers of records that are durable and not trimmed. Errors: malformed
    // (what is there is not what was written), internal.
    // The visitor returns how many bytes it has loaded beside.
    using Visitor = std::function<Result<std::size_t>(const RawRecord& record, const Place& batch)>;
    [[nodiscard]] Result<std::size_t> read(std::span<const Sequence> numbers, const Visitor& visit);

    // Some milliseconds, if the kernel has it in memory.
    static constexpr std::size_t read_bytes_max = std::size_t{8} << 20U;

  private:
    struct KnownBatch {
        Sequence first = 0;
        std::uint64_t segment = 0;
        std::uint32_t sector = 0;
    };

    [[nodiscard]] std::optional<Place> find(Sequence number) const;
    // Of the first of these records, which are in the batch or behind it. Returns how many it has.
    [[nodiscard]] Result<std::size_t> visit_in(const Place& batch,
                                               std::span<const Sequence> numbers,
                                               const Visitor& visit);
    // What the batch carries; what was loaded last is kept, unless it is large.
    [[nodiscard]] Result<ByteView> load(const Place& batch);
    [[nodiscard]] Result<std::vector<std::byte>> sectors_of(const Place& batch);

    Folder& folder_;
    mutable std::mutex mutex_;
    std::deque<KnownBatch> batches_;  // guarded by mutex_, as is the next
    JournalId journal_{};

    // The reader's.
    std::optional<Place> loaded_;
    std::vector<std::byte> carried_;
    std::size_t loaded_bytes_ = 0;  // by this call of read()
    std::unique_ptr<File> file_;
    std::uint64_t file_segment_ = 0;
};

}  // namespace penstock::broker
