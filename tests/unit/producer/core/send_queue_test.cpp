#include "producer/core/send_queue.hpp"

#include "tests/support/catch.hpp"

namespace penstock::client {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const TimePoint first_moment{seconds(100)};

Submission queue(const std::string& name) {
    return {"math.double", name, {}};
}

TEST_CASE("the same submission is the same lane while it has members") {
    SendQueue lanes(1);
    Lane& lane = lanes.join(queue("a"));
    REQUIRE(&lanes.join(queue("a")) == &lane);
    REQUIRE(&lanes.join(queue("b")) != &lane);
    REQUIRE(lane.members == 2);
}

TEST_CASE("other options are another lane") {
    SendQueue lanes(1);
    Submission urgent = queue("a");
    urgent.options.max_attempts = 1;
    REQUIRE(&lanes.join(queue("a")) != &lanes.join(urgent));
}

TEST_CASE("a lane without members is gone") {
    SendQueue lanes(1);
    Lane& lane = lanes.join(queue("a"));
    lane.waiting.emplace_back();
    REQUIRE(lanes.next() == &lane);
    lanes.leave(lane);
    REQUIRE(lanes.next() == nullptr);
}

TEST_CASE("lanes with something to send take turns") {
    SendQueue lanes(1);
    Lane& a = lanes.join(queue("a"));
    Lane& b = lanes.join(queue("b"));
    Lane& c = lanes.join(queue("c"));
    a.waiting.emplace_back();
    c.waiting.emplace_back();
    REQUIRE(b.waiting.empty());
    REQUIRE(lanes.next() == &a);
    REQUIRE(lanes.next() == &c);
    REQUIRE(lanes.next() == &a);
}

TEST_CASE("a pause ends when it is over and not before") {
    SendQueue lanes(1);
    Lane& lane = lanes.join(queue("a"));
    lane.waiting.emplace_back();
    lanes.pause(lane, seconds(1), first_moment);
    lanes.resume(first_moment + milliseconds(999));
    REQUIRE(lanes.next() == nullptr);
    REQUIRE(lanes.next_resume() >= first_moment + seconds(1));
    REQUIRE(lanes.next_resume() <= first_moment + milliseconds(1500));
    lanes.resume(first_moment + milliseconds(1500));
    REQUIRE(lanes.next() == &lane);
    REQUIRE_FALSE(lanes.next_resume().has_value());
}

TEST_CASE("who is refused again and again waits longer, until the queue takes tasks again") {
    SendQueue lanes(1);
    Lane& lane = lanes.join(queue("a"));
    const auto pause = [&] {
        lane.paused_until.reset();
        lanes.pause(lane, milliseconds(0), first_moment);
        return *lane.paused_until - first_moment;
    };
    REQUIRE(pause() < milliseconds(38));
    for (int i = 0; i < 20; ++i) {
        static_cast<void>(pause());
    }
    REQUIRE(pause() >= seconds(5));
    REQUIRE(pause() <= milliseconds(7500));
    SendQueue::forgive(lane);
    REQUIRE(pause() < milliseconds(38));
}

}  // namespace
}  // namespace penstock::client
