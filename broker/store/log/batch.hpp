// Records on their way to the disk: laid into sectors as they come, sealed when it is known where
// they go. One batch is what one write and one sync make durable.
//
// Thread rule: one thread at a time.
#pragma once

#include <cstdint>
#include <vector>

#include "broker/store/log/frame.hpp"
#include "broker/store/log/segment_start.hpp"

namespace penstock::broker {

class Batch {
  public:
    // Requires: the batch that it follows in the stream has been filled to its end.
    explicit Batch(const StreamPosition& position) : position_(position) {}

    // Requires: the sequence is the one that follows, or with kind life the last one.
    void add(RecordKind kind, Sequence sequence, ByteView content);

    [[nodiscard]] bool empty() const { return bytes_.empty(); }
    [[nodiscard]] std::size_t size_bytes() const { return bytes_.size(); }
    // Where the stream stands with what has been added, once this batch has been written.
    [[nodiscard]] StreamPosition end() const {
        return {batch_after(position_.next_batch), position_.last_sequence, position_.chain};
    }
    // Its sectors, ready to be written at `place`. Valid until it is changed.
    [[nodiscard]] ByteView sealed(const Place& place);
    // Empty again, to follow `position`. Keeps its memory.
    void restart(const StreamPosition& position);

  private:
    void put(ByteView bytes);

    StreamPosition position_;
    std::vector<std::byte> bytes_;  // whole sectors
    std::size_t room_ = 0;          // bytes that the last sector can still carry
};

}  // namespace penstock::broker
