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

    // Hands over the records of these numbers, in order; their content is valid during the call.
    // Requires: ascending numbers of records that are durable and not trimmed. Errors: malformed
    // (what is there is not what was written), internal.
    using Visitor = std::function<Result<void>(const RawRecord& record)>;
    [[nodiscard]] Result<void> read(std::span<const Sequence> numbers, const Visitor& visit);

  private:
    struct KnownBatch {
        Sequence first = 0;
        Place place;
    };

    [[nodiscard]] std::optional<Place> find(Sequence number) const;
    // What the batch carries; what was loaded last is kept.
    [[nodiscard]] Result<ByteView> load(const Place& batch);
    [[nodiscard]] Result<std::vector<std::byte>> sectors_of(const Place& batch);

    Folder& folder_;
    mutable std::mutex mutex_;
    std::deque<KnownBatch> batches_;  // guarded by mutex_

    // The reader's.
    std::optional<Place> loaded_;
    std::vector<std::byte> carried_;
    std::unique_ptr<File> file_;
    std::uint64_t file_segment_ = 0;
};

}  // namespace penstock::broker
