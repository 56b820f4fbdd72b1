// The callbacks of everything that is pending, by ticket.
//
// Thread rule: owned by the socket thread, on which the callbacks run.
#pragma once

#include <cstddef>
#include <unordered_map>
#include <variant>

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
    using Entries = std::unordered_map<Ticket, Entry>;

    [[nodiscard]] Entries::iterator find(Ticket ticket);
    void count_down(Entries::iterator position);

    Entries entries_;
    Ticket next_ = 1;
};

}  // namespace penstock::client
