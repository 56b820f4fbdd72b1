// Answers BACKUP: one piece of the journal per turn of the loop, so that whoever copies a journal
// gets what the others leave.
//
// Thread rule: belongs to the loop's thread.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "broker/core/effect.hpp"
#include "broker/store/journal.hpp"

namespace penstock::broker {

class BackupDesk {
  public:
    // Requires: `journal` outlives the desk, and its epoch has begun before the first request.
    explicit BackupDesk(const Journal& journal) : journal_(journal) {}

    // What is to be said at once to those who find no place.
    [[nodiscard]] std::vector<Outgoing> take(std::vector<BackupRequest> requests);
    // The answer to the oldest request, if there is one.
    [[nodiscard]] std::optional<Outgoing> answer_next();
    [[nodiscard]] bool has_work() const { return !waiting_.empty(); }

    // Requests that wait; whoever makes a copy has one or a few. More are answered as busy.
    static constexpr std::size_t waiting_max = 64;

  private:
    const Journal& journal_;
    std::deque<BackupRequest> waiting_;
};

}  // namespace penstock::broker
