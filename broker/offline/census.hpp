// Counts what a journal holds: records by kind, and the tasks that they leave open or finished.
//
// Thread rule: a value of one thread.
#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>

#include "broker/store/log/record_codec.hpp"

namespace penstock::broker::offline {

class Census {
  public:
    // The next record, oldest first.
    void take(const Record& record, Sequence sequence);
    void take(const Life& life);

    [[nodiscard]] std::uint64_t records(RecordKind kind) const {
        return records_.at(static_cast<std::size_t>(kind));
    }
    // Of the tasks themselves, without lives.
    [[nodiscard]] std::uint64_t records() const;
    // The numbers of the first and the last one; 0 if there are none.
    [[nodiscard]] Sequence first() const { return first_; }
    [[nodiscard]] Sequence last() const { return last_; }
    [[nodiscard]] std::uint64_t open_tasks() const { return tasks_.size() - finished_; }
    // Also those that a broker would not remember any more.
    [[nodiscard]] std::uint64_t finished_tasks() const { return finished_; }
    // The last that began.
    [[nodiscard]] const Life& life() const { return life_; }

  private:
    std::array<std::uint64_t, record_kind_max + 1> records_{};
    Sequence first_ = 0;
    Sequence last_ = 0;
    std::unordered_map<TaskId, bool> tasks_;  // whether it is finished
    std::uint64_t finished_ = 0;
    Life life_;
};

}  // namespace penstock::broker::offline
