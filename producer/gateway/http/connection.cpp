#include "producer/gateway/http/connection.hpp"

#include <microhttpd.h>
#include <utility>

#include "producer/gateway/http/watch.hpp"

namespace penstock::gateway::http {
namespace {

// nginx's status for a caller who has gone; it is never sent.
constexpr int status_gone = 499;

}  // namespace

class WaitingCaller : public Caller {
  public:
    WaitingCaller(std::weak_ptr<Connection> connection, std::weak_ptr<Exchange> exchange)
        : connection_(std::move(connection)), exchange_(std::move(exchange)) {}

    void answer(Reply reply) override {
        const auto connection = connection_.lock();
        const auto exchange = exchange_.lock();
        if (connection && exchange) {
            connection->answer(exchange, std::move(reply));
        }
    }

  private:
    std::weak_ptr<Connection> connection_;
    std::weak_ptr<Exchange> exchange_;
};

Connection::Connection(MHD_Connection* handle, int socket, std::string remote, const Limits& limits,
                       Watch& watch, TimePoint now)
    : handle_(handle),
      socket_(socket),
      remote_(std::move(remote)),
      limits_(limits),
      watch_(watch),
      deadline_(now + limits.header_timeout) {}

void Connection::request_line(const char* target, const Instant& now) {
    const std::lock_guard lock(mutex_);
    exchange_ = std::make_shared<Exchange>();
    exchange_->access.unix_ms = now.unix_ms;
    exchange_->access.remote = remote_;
    exchange_->access.target = target;
    exchange_->began = now.steady;
    first_ = false;
    gone_ = false;
    if (phase_ == Phase::idle) {
        phase_ = Phase::head;
        deadline_ = now.steady + limits_.header_timeout;
    }
}

Connection::Next Connection::head(Head head, Application& application, TimePoint now) {
    const Answered<Length> length = announced_length(head);
    const std::optional<Problem> objection = check_head(head);
    {
        const std::lock_guard lock(mutex_);
        exchange_->access.method = head.method;
        head.target = exchange_->access.target;
        // Where nobody can tell, there may be one.
        exchange_->expects_body = !length || length->has_body;
        if (phase_ != Phase::head) {
            return Next::go_on;
        }
        phase_ = Phase::body;
        body_began_ = now;
        if (objection) {
            // Not by the library, which may have no room for it, and would read on.
            refuse(problem_reply(*objection), now);
            return Next::go_on;
        }
    }
    if (!length) {
        return begin(problem_reply(length.error()), head.expects_continue, now);
    }
    return begin(application.begin(head), head.expects_continue, now);
}

Connection::Next Connection::begin(std::variant<Reply, std::shared_ptr<Visit>> begun,
                                   bool expects_continue, TimePoint now) {
    const std::lock_guard lock(mutex_);
    if (auto* visit = std::get_if<std::shared_ptr<Visit>>(&begun)) {
        exchange_->visit = std::move(*visit);
        return Next::go_on;
    }
    Reply& reply = std::get<Reply>(begun);
    if (!exchange_->expects_body || expects_continue) {
        exchange_->reply = std::move(reply);
        return exchange_->expects_body ? Next::queue_reply : Next::go_on;
    }
    if (phase_ == Phase::body) {
        refuse(reply, now);
    }
    return Next::go_on;
}

Connection::Next Connection::body(ByteView bytes, TimePoint now) {
    std::shared_ptr<Visit> visit;
    {
        const std::lock_guard lock(mutex_);
        exchange_->access.received_bytes += bytes.size();
        if (phase_ == Phase::refused) {
            refused_bytes_ += bytes.size();
            return refused_bytes_ > refused_bytes_max ? Next::close : Next::go_on;
        }
        visit = exchange_->visit;
        if (phase_ != Phase::body || !visit) {
            return Next::close;
        }
    }
    const std::optional<Problem> problem = visit->receive(bytes);
    if (problem) {
        const std::lock_guard lock(mutex_);
        if (phase_ == Phase::body) {
            refuse(problem_reply(*problem), now);
        }
    }
    return Next::go_on;
}

Connection::Next Connection::complete() {
    std::shared_ptr<Visit> visit;
    {
        const std::lock_guard lock(mutex_);
        if (phase_ == Phase::refused || gone_) {
            return Next::close;
        }
        if (exchange_->reply) {
            return Next::queue_reply;
        }
        visit = exchange_->visit;
        if (phase_ != Phase::body || !visit) {
            return Next::close;
        }
        phase_ = Phase::finishing;
    }
    return suspend(visit->finish(std::make_shared<WaitingCaller>(weak_from_this(), exchange_)));
}

Connection::Next Connection::suspend(TimePoint until) {
    const std::lock_guard lock(mutex_);
    if (exchange_->reply) {
        return Next::queue_reply;
    }
    if (stopping_) {
        return Next::close;
    }
    phase_ = Phase::waiting;
    deadline_ = until;
    MHD_suspend_connection(handle_);
    watch_.look(*this);
    return Next::go_on;
}

void Connection::resume() {
    watch_.look_away(*this);
    phase_ = Phase::finishing;
    MHD_resume_connection(handle_);
}

void Connection::answer(const std::shared_ptr<Exchange>& exchange, Reply reply) {
    const std::lock_guard lock(mutex_);
    const bool waits = phase_ == Phase::finishing || phase_ == Phase::waiting;
    if (exchange_ != exchange || exchange->reply || !waits || gone_) {
        return;
    }
    exchange->reply = std::move(reply);
    if (phase_ == Phase::waiting) {
        resume();
    }
}

void Connection::note(const Reply& reply) {
    exchange_->access.status = reply.status;
    exchange_->access.sent_bytes = reply.bytes();
    exchange_->access.code = reply.code;
    exchange_->access.task = reply.task;
}

Reply Connection::take_reply(TimePoint now) {
    const std::lock_guard lock(mutex_);
    Reply reply = *std::exchange(exchange_->reply, std::nullopt);
    note(reply);
    if (phase_ != Phase::refused) {
        phase_ = Phase::replying;
        deadline_ = now + time_for(reply.bytes());
    }
    return reply;
}

std::optional<std::string> Connection::completed(int status, bool in_order, TimePoint now) {
    std::shared_ptr<Exchange> exchange;
    {
        const std::lock_guard lock(mutex_);
        if (!exchange_) {
            return std::nullopt;
        }
        Access& access = exchange_->access;
        if (phase_ == Phase::body && !in_order && status == 0 && access.status == 0 && !stopping_) {
            // It may still listen, having closed its half only.
            refuse_incomplete(now);
        }
        if (access.status == 0) {
            access.status = status != 0 && !gone_ ? status : status_gone;
        } else {
            // Answered: the visit has had its end.
            exchange_->visit = phase_ == Phase::refused ? exchange_->visit : nullptr;
        }
        exchange = std::exchange(exchange_, nullptr);
        if (phase_ != Phase::refused && phase_ != Phase::closed) {
            phase_ = Phase::idle;
            deadline_ = now + limits_.idle_timeout;
        }
    }
    if (exchange->visit) {
        exchange->visit->abandon();
    }
    exchange->access.took =
        std::chrono::duration_cast<std::chrono::microseconds>(now - exchange->began);
    return access_line(exchange->access);
}

void Connection::closed() {
    const std::lock_guard lock(mutex_);
    phase_ = Phase::closed;
}

void Connection::stop() {
    std::shared_ptr<Visit> visit;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        if (phase_ != Phase::waiting) {
            return;
        }
        visit = exchange_->visit;
    }
    if (visit->run_late()) {
        static_cast<void>(visit->run_late());
    }
    const std::lock_guard lock(mutex_);
    if (phase_ == Phase::waiting) {
        gone_ = true;
        resume();
    }
}

bool Connection::is_busy() const {
    const std::lock_guard lock(mutex_);
    switch (phase_) {
        case Phase::body:
        case Phase::finishing:
        case Phase::waiting:
        case Phase::replying: return true;
        case Phase::idle:
        case Phase::head:
        case Phase::refused:
        case Phase::closed: return false;
    }
    return false;
}

}  // namespace penstock::gateway::http
