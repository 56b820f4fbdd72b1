// The body of a task: one allocation and one pointer, since millions may wait; or only its size,
// while it is in the journal and not in memory.
//
// Small parts, which arrive inside of a batch, are copied into one block, so that one slow task
// does not keep the whole batch in memory. Large ones, which have a frame of their own, are shared
// with it.
//
// Thread rule: a value; the bytes never change, so what whole() gives may go to other threads.
#pragma once

#include <cstdint>
#include <memory>

#include "common/model/bytes.hpp"
#include "common/model/prefetch.hpp"

namespace penstock::broker {

class KeptBody {
  public:
    KeptBody() = default;
    explicit KeptBody(const Body& body);

    // Whether it is in memory.
    [[nodiscard]] bool is_here() const { return away_bytes_ == 0; }
    // Its parts share the memory, and may outlive this object. Requires: is_here().
    [[nodiscard]] Body whole() const;
    // Wherever it is.
    [[nodiscard]] std::uint64_t size_bytes() const;
    // Asks for the beginning of its memory (prefetch.hpp).
    void prefetch() const {
        const auto* const bytes = reinterpret_cast<const char*>(block_.get());
        __builtin_prefetch(bytes);
        __builtin_prefetch(bytes + cache_line_bytes);
    }
    // Remembers the size alone. Requires: is_here(), and somebody else has it.
    void put_away();

  private:
    // With the bytes behind it, or part of a Shared.
    struct Block {
        std::uint32_t args_bytes = 0;
        std::uint32_t payload_bytes = 0;
    };
    struct Shared;

    [[nodiscard]] const Body* shared() const;

    std::shared_ptr<const Block> block_;  // null: empty, or away
    std::uint32_t away_bytes_ = 0;
};

}  // namespace penstock::broker
