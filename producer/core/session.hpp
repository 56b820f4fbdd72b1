// The producer's session with the broker: when to connect, greet, show a sign of life, give up and
// start anew (docs/PROTOCOL.md, sections 5 and 6).
//
// Closed -> Greeting (HELLO until WELCOME) -> Open -> Greeting (the broker forgot us) or Closed
// (silence). Refused is for ever: the broker speaks another version.
//
// Pure: time is handed in, chance comes from a seed. Thread rule: owned by one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <variant>

#include "common/model/time.hpp"
#include "producer/core/submission.hpp"

namespace penstock::client {

class Session {
  public:
    // What the shell must do now.
    enum class Action : std::uint8_t {
        nothing,
        connect,     // make a new socket
        hello,       // send HELLO and report with hello_sent()
        heartbeat,   // send HEARTBEAT
        disconnect,  // close the socket; an open session is over
    };

    explicit Session(std::uint64_t seed) : chance_(seed) {}

    // The next thing to do; call again until it is `nothing`.
    [[nodiscard]] Action advance(TimePoint now);
    [[nodiscard]] std::optional<TimePoint> next_deadline() const;

    // `sent` false: the socket is not connected yet.
    void hello_sent(bool sent, TimePoint now);
    // WELCOME came.
    void welcomed(const BrokerTerms& terms, TimePoint now);
    // Anything came; anything went.
    void heard(TimePoint now);
    void spoke(TimePoint now);
    // The broker does not know us any more, or the connection broke: greet again on the same
    // socket. Ignored unless the session is open (older refusals trail behind). True if it was.
    [[nodiscard]] bool lost(TimePoint now);
    // The broker will never talk to us.
    void refused();

    [[nodiscard]] bool is_open() const { return std::holds_alternative<Open>(state_); }
    [[nodiscard]] bool is_refused() const { return std::holds_alternative<Refused>(state_); }

  private:
    struct Closed {
        TimePoint retry_at;
    };
    struct Greeting {
        TimePoint hello_at;                // when to try to send HELLO
        Duration pause{};                  // before the next try
        std::optional<TimePoint> give_up;  // after HELLO has gone
    };
    struct Open {
        Duration heartbeat{};
        Duration liveness{};
        TimePoint last_heard;
        TimePoint last_spoke;
    };
    struct Refused {};

    [[nodiscard]] Action close(TimePoint retry_at);
    [[nodiscard]] Duration next_backoff();

    std::variant<Closed, Greeting, Open, Refused> state_ = Closed{};
    std::uint32_t failures_ = 0;  // greetings in a row that nobody answered
    std::mt19937_64 chance_;
};

}  // namespace penstock::client
