// Batches on their way to the disk: the last one is being filled while the first one is written.
//
// Thread rule: one thread at a time.
#pragma once

#include <deque>
#include <optional>
#include <span>

#include "broker/store/log/batch.hpp"
#include "broker/store/log/record_codec.hpp"

namespace penstock::broker {

class BatchQueue {
  public:
    // A batch that has this size takes no further call's records; a sync of more takes longer than
    // anybody wants to wait.
    static constexpr std::size_t batch_bytes = std::size_t{4} << 20U;

    // What goes on where the stream stands.
    explicit BatchQueue(const StreamPosition& position)
        : appended_(position.last_sequence), waiting_(1, Batch(position)) {}

    // Puts all records of one call into one batch. Requires: `encoded` is encode_records() of them.
    void add(std::span<const Record> records, const EncodedRecords& encoded);
    // The batch that is to be written next.
    [[nodiscard]] const Batch& next() const { return waiting_.front(); }
    // The same, to be written. Requires: !empty().
    [[nodiscard]] Batch take();
    // That batch has been written: its memory serves again, unless it is large.
    void reuse(Batch batch);

    [[nodiscard]] bool empty() const { return next().empty(); }
    // Of all batches that have not been taken, with the bodies beside them.
    [[nodiscard]] std::size_t size_bytes() const { return size_bytes_; }
    // The last record that was added.
    [[nodiscard]] Sequence appended() const { return appended_; }

  private:
    void begin_batch(const StreamPosition& position);

    Sequence appended_;
    std::deque<Batch> waiting_;
    std::optional<Batch> used_;
    std::size_t size_bytes_ = 0;
};

}  // namespace penstock::broker
