// One TCP connection, with the request that is on it.
//
// The HTTP library has no clock that a slow caller could not reset, and does not look at a
// connection while its caller waits; it cannot answer before a body has come to its end, either.
// This object knows where the request stands, so that the watch (watch.hpp) can time it, see the
// caller go, and speak the last words on the socket itself while the library only reads.
//
// Thread rule: any thread. A mutex, because the library's threads, the watch and whoever answers
// meet here. The application is never called under it.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "common/model/time.hpp"
#include "producer/gateway/core/access_line.hpp"
#include "producer/gateway/core/limits.hpp"
#include "producer/gateway/http/application.hpp"

struct MHD_Connection;

namespace penstock::gateway::http {

class Watch;

// Where a request stands, beside its place in the library.
struct Exchange {
    Access access;
    TimePoint began;
    bool expects_body = false;
    std::shared_ptr<Visit> visit;  // none: the reply is there already
    std::optional<Reply> reply;    // not handed to the library yet
};

class Connection : public std::enable_shared_from_this<Connection> {
  public:
    // `socket` belongs to the library, which says closed() before it closes it.
    Connection(MHD_Connection* handle, int socket, std::string remote, const Limits& limits,
               Watch& watch, TimePoint now);

    // --- From the library's thread, in the order of a request.
    void request_line(const char* target, const Instant& now);
    // What the library is to do next.
    enum class Next : std::uint8_t { go_on, queue_reply, close };
    // The target is the one of request_line().
    [[nodiscard]] Next head(Head head, Application& application, TimePoint now);
    [[nodiscard]] Next body(ByteView bytes, TimePoint now);
    // The body is complete, or the caller does not wait any more: queue_reply, close, or go_on
    // when the connection has been suspended.
    [[nodiscard]] Next complete();
    // The reply that goes to the library. Requires: queue_reply was said.
    [[nodiscard]] Reply take_reply(TimePoint now);
    // The request is over. `status` is what the library has sent, 0 if nothing. Returns the line
    // for the access log, or nothing if there was no request.
    [[nodiscard]] std::optional<std::string> completed(int status, bool in_order, TimePoint now);
    void closed();

    // --- From the watch.
    void tick(TimePoint now);
    void hung_up();
    // No connection is suspended from now on, and this one no longer.
    void stop();
    // --- From anywhere.
    // Whether it has a request with all its headers that is not over.
    [[nodiscard]] bool is_busy() const;
    [[nodiscard]] int socket() const { return socket_; }

  private:
    friend class WaitingCaller;
    enum class Phase : std::uint8_t {
        idle,       // between requests
        head,       // the request line was there
        body,       // the body arrives
        finishing,  // the body is complete: nobody waits for the caller
        waiting,    // suspended, until somebody answers
        replying,   // the library sends the reply
        refused,    // the last words are spoken; what still comes is thrown away
        closed,
    };

    void answer(const std::shared_ptr<Exchange>& exchange, Reply reply);
    // What the application made of the head.
    [[nodiscard]] Next begin(std::variant<Reply, std::shared_ptr<Visit>> begun,
                             bool expects_continue, TimePoint now);
    void note(const Reply& reply);
    // Speaks the last words.
    void refuse(const Reply& reply, TimePoint now);
    void refuse_incomplete(TimePoint now);
    // How long it may take to move so many bytes.
    [[nodiscard]] Duration time_for(std::uint64_t bytes) const;
    [[nodiscard]] Next suspend(TimePoint until);
    void resume();
    void cut();
    [[nodiscard]] bool is_behind(TimePoint now) const;
    [[nodiscard]] bool has_ended_early();
    void look_at_request(TimePoint now);

    MHD_Connection* const handle_;
    const int socket_;
    const std::string remote_;
    const Limits& limits_;
    Watch& watch_;

    mutable std::mutex mutex_;
    Phase phase_ = Phase::idle;
    TimePoint deadline_;
    TimePoint body_began_;
    bool first_ = true;  // no request has come yet
    bool gone_ = false;  // the caller has hung up
    bool stopping_ = false;
    std::uint64_t refused_bytes_ = 0;
    std::uint64_t received_before_ = 0;  // at the last look
    int looks_at_end_ = 0;               // in a row that found the other side's end and no more
    std::shared_ptr<Exchange> exchange_;
};

}  // namespace penstock::gateway::http
