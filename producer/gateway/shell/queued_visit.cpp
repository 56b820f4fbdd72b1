#include "producer/gateway/shell/queued_visit.hpp"

#include <utility>

namespace penstock::gateway {
namespace {

http::Reply no_answer() {
    return http::problem_reply(
        problem_of({ErrorCode::unavailable, "the broker has not answered in time"}));
}

}  // namespace

// The turnstile calls whoever is next from any thread, at a stop even while the client goes. The
// submitting thread has stopped by then, and takes nothing more.
void QueuedVisit::queue() {
    const auto ticket = turnstile_.enter(
        [self = shared_from_this()] { self->workshop_.submitting.add([self] { self->begin(); }); });
    bool ended = false;
    {
        const std::lock_guard lock(mutex_);
        ticket_ = ticket;
        ended = ended_;
    }
    if (ended) {
        static_cast<void>(turnstile_.give_up(ticket));
    }
}

void QueuedVisit::begin() {
    {
        const std::lock_guard lock(mutex_);
        if (!ended_) {
            begun_ = true;
        }
    }
    if (begun_) {
        start();
    } else {
        leave();
    }
}

void QueuedVisit::answer(http::Reply reply) {
    if (end()) {
        caller_->answer(std::move(reply));
    }
}

bool QueuedVisit::end() {
    const std::lock_guard lock(mutex_);
    return !std::exchange(ended_, true);
}

std::optional<TimePoint> QueuedVisit::run_late() {
    bool begun = false;
    Turnstile::Ticket ticket = 0;
    {
        const std::lock_guard lock(mutex_);
        if (ended_) {
            return std::nullopt;
        }
        begun = begun_;
        ticket = ticket_;
        ended_ = !begun;
    }
    if (begun) {
        return be_late();
    }
    give_up(ticket);
    caller_->answer(ticket == 0 ? no_answer() : http::problem_reply(not_started()));
    return std::nullopt;
}

std::optional<TimePoint> QueuedVisit::be_late() {
    answer(no_answer());
    return std::nullopt;
}

void QueuedVisit::abandon() {
    bool begun = false;
    Turnstile::Ticket ticket = 0;
    {
        const std::lock_guard lock(mutex_);
        if (std::exchange(ended_, true)) {
            return;
        }
        begun = begun_;
        ticket = ticket_;
    }
    if (begun) {
        stop_work();
    } else {
        give_up(ticket);
    }
}

// It may have been let in this moment; then begin() sees that it has ended.
void QueuedVisit::give_up(Turnstile::Ticket ticket) {
    static_cast<void>(turnstile_.give_up(ticket));
    drop_body();
}

}  // namespace penstock::gateway
