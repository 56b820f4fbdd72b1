// What the session of a worker process asks of the world, in the order in which it must happen.
//
// Thread rule: values.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/model/bytes.hpp"
#include "common/model/error.hpp"
#include "common/model/ids.hpp"
#include "common/protocol/message.hpp"

namespace penstock::worker {

// Number of a slot in its process: the cpu slots first, then the wait slots.
using SlotIndex = std::uint32_t;

// One attempt, with all that a slot needs to run it.
struct Work {
    Lease lease;
    std::string type;
    std::chrono::milliseconds time_limit{0};  // 0: none
    Body body;
};

// Makes a new socket to the broker, dropping an old one and whatever waits in it.
struct Connect {};
// Drops the socket; another Connect follows when it is time.
struct Disconnect {};
struct Send {
    protocol::Message message;
};
// Puts work behind whatever the slot still has, to be run in this order.
struct HandOver {
    SlotIndex slot = 0;
    std::vector<Work> work;
};
// Takes one piece of work back from a slot if it has not started; then Session::taken_back().
struct TakeBack {
    SlotIndex slot = 0;
    Lease lease;
};
// Tells the handler that nobody wants its result any more.
struct Cancel {
    SlotIndex slot = 0;
    Lease lease;
};
struct Doomed {
    SlotIndex slot = 0;
    Lease lease;
    protocol::Fate fate = protocol::Fate::running;
};
// Notes the fates where the supervisor finds them and ends this process by force, at once; those
// that are not running are spared (Session::spare).
struct Kill {
    std::vector<Doomed> doomed;
};
// Something that an operator should read.
struct Complain {
    Error error;
};
// Ends this process once everything sent has left. With an error if it cannot work at all.
struct Leave {
    std::optional<Error> error;
};

using Effect =
    std::variant<Connect, Disconnect, Send, HandOver, TakeBack, Cancel, Kill, Complain, Leave>;

}  // namespace penstock::worker
