#include "worker/core/session.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace penstock::worker {
namespace {

template <typename T>
std::vector<std::vector<T>> in_chunks(std::vector<T> all, std::size_t most) {
    std::vector<std::vector<T>> chunks;
    for (std::size_t begin = 0; begin < all.size(); begin += most) {
        const auto first = all.begin() + static_cast<std::ptrdiff_t>(begin);
        const auto count = static_cast<std::ptrdiff_t>(std::min(most, all.size() - begin));
        chunks.emplace_back(std::make_move_iterator(first), std::make_move_iterator(first + count));
    }
    return chunks;
}

}  // namespace

Session::Session(const SessionSettings& settings)
    : settings_(settings),
      link_(settings.link, settings.seed),
      board_(settings.slots),
      outcomes_(settings.batches) {
    for (const protocol::OfferedType& offered : settings.types) {
        classes_.emplace(offered.type, offered.slot_class);
    }
}

void Session::finished(SlotIndex slot, protocol::Outcome outcome, TimePoint now) {
    const std::optional<Wanted> wanted = board_.finished(slot, outcome.lease, now);
    if (!wanted || outcome.lease.epoch != epoch_) {
        return;
    }
    if (wanted == Wanted::cancelled && outcome.error) {
        outcome.error->code = ErrorCode::cancelled;
    }
    if (std::optional<Error> error = too_large(outcome.output)) {
        outcome.output = {};
        outcome.error = std::move(error);
    }
    outcomes_.add(std::move(outcome));
}

std::optional<Error> Session::too_large(const Body& output) const {
    const std::size_t largest = std::max(output.args.size(), output.payload.size());
    if (largest > body_max_bytes_) {
        return Error{ErrorCode::rejected, "the result has " + std::to_string(largest) +
                                              " bytes, more than the broker takes (" +
                                              std::to_string(body_max_bytes_) +
                                              "): ask for less, or raise the broker's --body-max"};
    }
    if (output.size_bytes() > settings_.batches.message_bytes_max) {
        return Error{ErrorCode::rejected,
                     "value and payload of the result have " + std::to_string(output.size_bytes()) +
                         " bytes, more than fits a message (" +
                         std::to_string(settings_.batches.message_bytes_max) + "): ask for less"};
    }
    return std::nullopt;
}

void Session::taken_back(SlotIndex slot, Work work, TimePoint now) {
    const Lease lease = work.lease;
    const std::optional<Wanted> wanted = board_.taken_back(slot, std::move(work), now);
    if (wanted == Wanted::returned) {
        returned_.push_back(lease);
    } else if (wanted == Wanted::cancelled) {
        report(lease, {ErrorCode::cancelled, "cancelled before it started"});
    }
}

void Session::give_back(std::vector<Lease> unread) {
    std::erase_if(unread, [this](const Lease& lease) { return lease.epoch != epoch_; });
    returned_.insert(returned_.end(), unread.begin(), unread.end());
}

void Session::progressed(std::vector<protocol::ProgressReport> reports, TimePoint now) {
    std::erase_if(reports, [this](const auto& progress) { return progress.lease.epoch != epoch_; });
    if (!link_.joined()) {
        return;
    }
    for (auto& chunk : in_chunks(std::move(reports), settings_.batches.items_max)) {
        send(protocol::Progress{epoch_, std::move(chunk)}, now);
    }
}

void Session::drain(TimePoint now, Duration timeout) {
    if (gone_ || drain_deadline_) {
        return;
    }
    drain_deadline_ = now + timeout;
    if (link_.joined()) {
        send(protocol::Drain{}, now);
    }
    for (const Work& work : board_.take_all_waiting()) {
        returned_.push_back(work.lease);
    }
    for (const TakeBack& request : board_.ask_all_back(Wanted::returned)) {
        effects_.emplace_back(request);
    }
}

void Session::leave() {
    if (gone_) {
        return;
    }
    if (link_.joined()) {
        for (protocol::OutcomeBatch& batch : outcomes_.take_unsent(epoch_)) {
            effects_.emplace_back(Send{std::move(batch)});
        }
    }
    if (link_.connected()) {
        effects_.emplace_back(Send{protocol::Goodbye{}});
    }
    effects_.emplace_back(Leave{});
    gone_ = true;
}

void Session::tick(TimePoint now) {
    if (gone_) {
        return;
    }
    switch (link_.due(now)) {
        case Link::Due::nothing: break;
        case Link::Due::connect:
            effects_.emplace_back(Connect{});
            join(now);
            break;
        case Link::Due::disconnect: effects_.emplace_back(Disconnect{}); break;
        case Link::Due::heartbeat: send(protocol::Heartbeat{}, now); break;
    }
    if (std::vector<Doomed> doomed = board_.overdue(now); !doomed.empty()) {
        effects_.emplace_back(Kill{std::move(doomed)});
    }
    if (drain_deadline_ && *drain_deadline_ <= now) {
        leave();
    }
}

std::vector<Effect> Session::take_effects(TimePoint now) {
    if (!gone_) {
        for (const TakeBack& request : board_.share()) {
            effects_.emplace_back(request);
        }
        for (HandOver& batch : board_.hand_over(now)) {
            effects_.emplace_back(std::move(batch));
        }
        if (link_.joined()) {
            send_returned(now);
            for (protocol::OutcomeBatch& batch : outcomes_.take_unsent(epoch_)) {
                send(std::move(batch), now);
            }
        }
        leave_when_drained();
    }
    return std::exchange(effects_, {});
}

TimePoint Session::next_tick() const {
    TimePoint next = link_.next_due();
    if (const auto deadline = board_.next_deadline()) {
        next = std::min(next, *deadline);
    }
    return drain_deadline_ ? std::min(next, *drain_deadline_) : next;
}

Stage Session::stage() const {
    if (gone_) {
        return Stage::gone;
    }
    if (drain_deadline_) {
        return Stage::draining;
    }
    return link_.joined() ? Stage::serving : Stage::joining;
}

void Session::send(protocol::Message message, TimePoint now) {
    effects_.emplace_back(Send{std::move(message)});
    link_.sent(now);
}

void Session::join(TimePoint now) {
    protocol::Join join{settings_.worker,
                        settings_.site,
                        settings_.slots,
                        settings_.types,
                        settings_.queues,
                        settings_.labels,
                        {}};
    for (const protocol::Outcome& outcome : outcomes_.all()) {
        join.held.push_back(outcome.lease);
    }
    for (const Lease& lease : board_.leases()) {
        if (lease.epoch == epoch_) {
            join.held.push_back(lease);
        }
    }
    // Beyond the limit of a message the broker gives the work to others; it may run twice.
    join.held.resize(std::min(join.held.size(), settings_.batches.items_max));
    // Not held any more: the broker draws the same conclusion.
    returned_.clear();
    send(std::move(join), now);
    link_.started(now);
}

void Session::drop_void_leases(TimePoint now) {
    outcomes_.clear();
    returned_.clear();
    static_cast<void>(board_.take_all_waiting());
    for (const TakeBack& request : board_.ask_all_back(Wanted::forgotten)) {
        effects_.emplace_back(request);
        effects_.emplace_back(Cancel{request.slot, request.lease});
        board_.stop_by(request.lease, now + settings_.void_grace);
    }
}

void Session::report(const Lease& lease, Error error) {
    outcomes_.add({lease, 0, std::chrono::microseconds(0), std::move(error), {}});
}

void Session::send_returned(TimePoint now) {
    for (auto& chunk : in_chunks(std::exchange(returned_, {}), settings_.batches.items_max)) {
        send(protocol::Returned{epoch_, std::move(chunk)}, now);
    }
}

void Session::leave_when_drained() {
    if (drain_deadline_ && board_.empty() && outcomes_.empty() && returned_.empty()) {
        leave();
    }
}

}  // namespace penstock::worker
