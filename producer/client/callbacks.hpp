// The callbacks of everything that is pending, by ticket.
//
// Thread rule: owned by the socket thread, on which the callbacks run.
#pragma once

#include <cstddef>
#include <deque>
#include <variant>
#include <vector>

#include "producer/client/command.hpp"
#include "producer/core/pending_requests.hpp"
#include "producer/core/pending_tasks.hpp"

namespace penstock::client {

class Callbacks {
  public:
    using Callback = std::variant<OnAccepted, OnFinished, OnConnected, OnCancelling, OnAnswer,
                                  OnArchiveReply, OnBackupPart>;

    // `count` notices will answer this ticket. Requires: at least one.
    [[nodiscard]] Ticket add(Callback callback, std::size_t count);

    // Calls whoever waits.
    void deliver(Notice notice);
    void deliver(RequestNotice notice);

  private:
    struct Entry {
        Callback callback;
        std::size_t open = 0;
    };

    // When one is added while none is open, more than these are given back.
    static constexpr std::size_t kept_max = 16'384;

    [[nodiscard]] Entry& find(Ticket ticket);
    void count_down(Ticket ticket, Entry& entry);

    // A ticket is a position in here, given out again when it has no open notices any more: asks
    // come and go with every task.
    std::deque<Entry> entries_;
    std::vector<Ticket> free_;
};

}  // namespace penstock::client
