// What the broker has been lent of one segment: its side of a SlotBook.
//
// References to a slot are counted; when the last one is let go, all of them go back together. A
// slot that comes again in between is counted on.
//
// Pure. Thread rule: owned by one thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "common/shm/slot_book.hpp"

namespace penstock::shm {

class LoanBook {
  public:
    // A message brought a reference to this slot, and somebody holds it now.
    void borrow(std::uint32_t slot, std::uint64_t generation) {
        State& state = loans_[{slot, generation}];
        ++state.received;
        ++state.holders;
    }
    // One of those has let it go. The loan, if it is to go back now.
    [[nodiscard]] std::optional<SlotLoan> let_go(std::uint32_t slot, std::uint64_t generation) {
        const auto found = loans_.find({slot, generation});
        if (found == loans_.end() || --found->second.holders > 0) {
            return std::nullopt;
        }
        const SlotLoan loan{slot, generation, found->second.received};
        loans_.erase(found);
        return loan;
    }
    // All that is held, for an owner who begins a new session.
    [[nodiscard]] std::vector<SlotLoan> held() const {
        std::vector<SlotLoan> loans;
        loans.reserve(loans_.size());
        for (const auto& [slot, state] : loans_) {
            loans.push_back({slot.first, slot.second, state.received});
        }
        return loans;
    }
    [[nodiscard]] bool empty() const { return loans_.empty(); }

  private:
    struct State {
        std::uint64_t received = 0;
        std::uint64_t holders = 0;
    };
    std::map<std::pair<std::uint32_t, std::uint64_t>, State> loans_;
};

}  // namespace penstock::shm
