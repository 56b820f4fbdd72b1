#include "producer/client/callbacks.hpp"

#include <utility>

#include "common/model/assert.hpp"

namespace penstock::client {
namespace {

// The answer as its caller wants it: the T that was asked for, or the error.
template <typename T, typename Answer>
Result<T> result_of(Answer&& answer) {
    if (auto* error = std::get_if<Error>(&answer)) {
        return tl::unexpected(std::move(*error));
    }
    auto* const value = std::get_if<T>(&answer);
    PENSTOCK_ASSERT(value != nullptr);
    return std::move(*value);
}

}  // namespace

Ticket Callbacks::add(Callback callback, std::size_t count) {
    PENSTOCK_ASSERT(count > 0);
    if (free_.size() == entries_.size() && entries_.size() > kept_max) {
        entries_.clear();
        free_.clear();
    }
    if (free_.empty()) {
        entries_.push_back({std::move(callback), count});
        return entries_.size() - 1;
    }
    const Ticket ticket = free_.back();
    free_.pop_back();
    entries_[ticket] = {std::move(callback), count};
    return ticket;
}

void Callbacks::deliver(Notice notice) {
    Entry& entry = find(notice.ticket);
    Callback& callback = entry.callback;
    if (auto* accepted = std::get_if<OnAccepted>(&callback)) {
        (*accepted)(notice.id, result_of<Receipt>(std::move(notice.what)));
    } else if (auto* finished = std::get_if<OnFinished>(&callback)) {
        (*finished)(notice.id, result_of<TaskResult>(std::move(notice.what)));
    }
    count_down(notice.ticket, entry);
}

void Callbacks::deliver(RequestNotice notice) {
    Entry& entry = find(notice.ticket);
    Callback& callback = entry.callback;
    if (auto* connected = std::get_if<OnConnected>(&callback)) {
        (*connected)(result_of<BrokerTerms>(std::move(notice.what)));
    } else if (auto* answered = std::get_if<OnAnswer>(&callback)) {
        (*answered)(result_of<protocol::Answer>(std::move(notice.what)));
    } else if (auto* archived = std::get_if<OnArchiveReply>(&callback)) {
        (*archived)(result_of<protocol::ArchiveReply>(std::move(notice.what)));
    } else if (auto* copying = std::get_if<OnBackupPart>(&callback)) {
        (*copying)(result_of<protocol::BackupPart>(std::move(notice.what)));
    } else if (auto* cancelling = std::get_if<OnCancelling>(&callback)) {
        (*cancelling)(result_of<Cancelling>(std::move(notice.what)).map([](const Cancelling&) {}));
    }
    count_down(notice.ticket, entry);
}

Callbacks::Entry& Callbacks::find(Ticket ticket) {
    PENSTOCK_ASSERT(ticket < entries_.size() && entries_[ticket].open > 0);
    return entries_[ticket];
}

void Callbacks::count_down(Ticket ticket, Entry& entry) {
    if (--entry.open == 0) {
        entry.callback = {};
        free_.push_back(ticket);
    }
}

}  // namespace penstock::client
