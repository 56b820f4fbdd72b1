// What has been handed to the archive and is not safe in it yet. Until it is, it counts where room
// is given out, so that a slow archive slows down those who bring work and not the memory's end;
// and the journal keeps its records, so that the next life can hand it over again.
//
// Thread rule: belongs to the scheduler's thread. Cost: O(1) each, amortised.
#pragma once

#include <algorithm>
#include <deque>
#include <optional>

#include "broker/core/record.hpp"

namespace penstock::broker {

class ArchiveDebt {
  public:
    // `needs_from`: the first record that it can be made of again; 0 if there is none. Requires:
    // sequences do not descend.
    void add(Sequence sequence, Sequence needs_from, std::uint64_t bytes) {
        if (needs_from > 0) {
            // Sliding minimum: those before that need more of the journal speak for it.
            while (!holds_.empty() && holds_.back().from >= needs_from) {
                holds_.pop_back();
            }
            holds_.push_back({sequence, needs_from});
        }
        if (failed_) {
            holds_.resize(std::min<std::size_t>(holds_.size(), 1));
            return;
        }
        entries_.push_back({sequence, bytes});
        bytes_ += bytes;
    }
    // Everything up to there is safe in the archive.
    void paid(Sequence up_to) {
        if (failed_) {
            return;
        }
        while (!entries_.empty() && entries_.front().sequence <= up_to) {
            bytes_ -= entries_.front().bytes;
            entries_.pop_front();
        }
        while (!holds_.empty() && holds_.front().sequence <= up_to) {
            holds_.pop_front();
        }
    }
    // Nothing more gets into the archive in this life. `journal_bytes`: what the journal has by
    // now.
    void fail(std::uint64_t journal_bytes) {
        failed_ = true;
        failed_at_ = journal_bytes;
        entries_.clear();
        bytes_ = 0;
        holds_.resize(std::min<std::size_t>(holds_.size(), 1));
    }

    [[nodiscard]] std::size_t tasks() const { return entries_.size(); }
    [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
    [[nodiscard]] bool failed() const { return failed_; }
    // The first record that the journal must keep; nothing if that is none. What the journal gets
    // after a failure beyond `grown_max` bytes is not waited for.
    [[nodiscard]] std::optional<Sequence> keeps_from(std::uint64_t journal_bytes,
                                                     std::uint64_t grown_max) const {
        if (holds_.empty() || (failed_ && journal_bytes - failed_at_ > grown_max)) {
            return std::nullopt;
        }
        return holds_.front().from;
    }

  private:
    struct Entry {
        Sequence sequence;
        std::uint64_t bytes;
    };
    struct Hold {
        Sequence sequence;
        Sequence from;  // ascends from entry to entry
    };
    std::deque<Entry> entries_;
    std::deque<Hold> holds_;
    std::uint64_t bytes_ = 0;  // of the entries
    bool failed_ = false;
    std::uint64_t failed_at_ = 0;
};

}  // namespace penstock::broker
