// The connection to the broker as a matter of time: when to knock, when to say something, when to
// give a socket up and how long to wait before the next one (docs/PROTOCOL.md, section 6).
//
// Thread rule: owned by one thread. Pure: time and chance are handed in.
#pragma once

#include <chrono>
#include <cstdint>
#include <random>

#include "common/model/time.hpp"

namespace penstock::worker {

struct LinkLimits {
    // From a new socket to the WELCOME; it covers connecting, so that a broker that comes up
    // late is found by a fresh socket, which tries again quickly.
    Duration welcome_within = std::chrono::seconds(3);
    // Between two sockets: doubled from the first to the last, minus up to half at random. A
    // thousand processes that knock every 5 s are no burden for a broker that starts.
    Duration pause_first = std::chrono::milliseconds(250);
    Duration pause_max = std::chrono::seconds(5);
    // Until a WELCOME says otherwise.
    Duration heartbeat = std::chrono::seconds(1);
    Duration liveness = std::chrono::seconds(6);
};

class Link {
  public:
    Link(const LinkLimits& limits, std::uint64_t seed) : limits_(limits), chance_(seed) {}

    // What the passing of time asks for.
    enum class Due : std::uint8_t {
        nothing,
        connect,     // make a socket and join; then started()
        disconnect,  // the peer is silent; the link waits now
        heartbeat,   // then sent()
    };
    [[nodiscard]] Due due(TimePoint now);
    // When due() may next have something to say.
    [[nodiscard]] TimePoint next_due() const;

    void started(TimePoint now);  // a socket was made and JOIN is on its way
    void welcomed(TimePoint now, Duration heartbeat, Duration liveness);
    void dropped(TimePoint now);  // no socket any more: wait, then a new one
    void sent(TimePoint now) { last_sent_ = now; }
    void heard(TimePoint now) { last_heard_ = now; }

    [[nodiscard]] bool joined() const { return state_ == State::joined; }
    // Whether there is a socket to send through.
    [[nodiscard]] bool connected() const { return state_ != State::waiting; }

  private:
    enum class State : std::uint8_t { waiting, joining, joined };

    State state_ = State::waiting;
    LinkLimits limits_;
    std::mt19937_64 chance_;
    TimePoint since_{};  // waiting: the end of the wait; joining: when JOIN went out
    Duration pause_{0};
    TimePoint last_sent_{};
    TimePoint last_heard_{};
    TimePoint last_beat_{};
};

}  // namespace penstock::worker
