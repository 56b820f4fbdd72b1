#include "producer/core/flights.hpp"

#include "tests/support/catch.hpp"

namespace penstock::client {
namespace {

using std::chrono::seconds;

const TimePoint start{seconds(100)};

std::vector<TaskId> some(std::size_t count) {
    return std::vector<TaskId>(count);
}

TEST_CASE("flights count what is open") {
    Flights flights;
    REQUIRE(flights.next_number() == 0);
    flights.depart(some(3), 30, start);
    flights.depart(some(2), 10, start);
    REQUIRE(flights.tasks() == 5);
    REQUIRE(flights.bytes() == 40);
    flights.land(1, 4);
    flights.land(0, 10);
    REQUIRE(flights.tasks() == 3);
    REQUIRE(flights.bytes() == 26);
}

TEST_CASE("the oldest flight is the first that has an open task") {
    Flights flights;
    REQUIRE_FALSE(flights.oldest().has_value());
    flights.depart(some(1), 0, start);
    flights.depart(some(1), 0, start + seconds(1));
    flights.depart(some(1), 0, start + seconds(2));
    flights.land(1, 0);
    REQUIRE(flights.oldest() == start);
    flights.land(0, 0);
    REQUIRE(flights.oldest() == start + seconds(2));
    flights.land(2, 0);
    REQUIRE_FALSE(flights.oldest().has_value());
}

TEST_CASE("old flights are taken, younger ones stay") {
    Flights flights;
    flights.depart(some(1), 5, start);
    flights.depart(some(2), 6, start + seconds(1));
    flights.depart(some(4), 7, start + seconds(2));
    const std::vector<Flight> taken = flights.take_sent_until(start + seconds(1));
    REQUIRE(taken.size() == 2);
    REQUIRE(taken[0].number == 0);
    REQUIRE(taken[1].number == 1);
    REQUIRE(flights.tasks() == 4);
    REQUIRE(flights.bytes() == 7);
    flights.land(2, 7);
    REQUIRE(flights.tasks() == 3);
}

TEST_CASE("numbers go on after everything was taken") {
    Flights flights;
    flights.depart(some(1), 5, start);
    REQUIRE(flights.take_all().size() == 1);
    REQUIRE(flights.tasks() == 0);
    REQUIRE(flights.next_number() == 1);
    flights.depart(some(1), 5, start);
    flights.land(1, 5);
    REQUIRE(flights.bytes() == 0);
}

}  // namespace
}  // namespace penstock::client
