// Records on their way to the disk: laid into sectors as they come, sealed when it is known where
// they go. One batch is what one write and one sync make durable.
//
// Thread rule: one thread at a time.
#pragma once

#include <cstdint>
#include <utility>
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
    // The record that was added last has this body, in a file of its own.
    void add_body(Body body) {
        body_bytes_ += body.size_bytes();
        bodies_.emplace_back(position_.last_sequence, std::move(body));
    }

    [[nodiscard]] bool empty() const { return bytes_.empty(); }
    // Of its sectors.
    [[nodiscard]] std::size_t size_bytes() const { return bytes_.size(); }
    // With the bodies beside them.
    [[nodiscard]] std::size_t whole_bytes() const { return bytes_.size() + body_bytes_; }
    [[nodiscard]] const std::vector<std::pair<Sequence, Body>>& bodies() const { return bodies_; }
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
    std::vector<std::pair<Sequence, Body>> bodies_;
    std::size_t body_bytes_ = 0;
};

}  // namespace penstock::broker
