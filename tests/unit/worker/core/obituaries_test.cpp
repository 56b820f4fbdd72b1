#include "worker/core/obituaries.hpp"

#include "tests/support/catch.hpp"

namespace penstock::worker {
namespace {

protocol::Obituary death(std::uint64_t number) {
    protocol::Obituary obituary;
    obituary.number = number;
    return obituary;
}

std::vector<std::uint64_t> tell_all(Obituaries& obituaries) {
    std::vector<std::uint64_t> numbers;
    while (const auto* next = obituaries.next_untold()) {
        numbers.push_back(next->number);
        obituaries.told();
    }
    return numbers;
}

TEST_CASE("deaths are told once, in order") {
    Obituaries obituaries;
    obituaries.add(death(1));
    obituaries.add(death(2));
    REQUIRE(tell_all(obituaries) == std::vector<std::uint64_t>{1, 2});
    REQUIRE(tell_all(obituaries).empty());
    REQUIRE_FALSE(obituaries.empty());
}

TEST_CASE("a noted death is forgotten, the others are told again to a successor") {
    Obituaries obituaries;
    for (std::uint64_t number = 1; number <= 3; ++number) {
        obituaries.add(death(number));
    }
    static_cast<void>(tell_all(obituaries));
    obituaries.noted(2);
    obituaries.tell_all_again();
    REQUIRE(tell_all(obituaries) == std::vector<std::uint64_t>{1, 3});
    obituaries.noted(1);
    obituaries.noted(3);
    REQUIRE(obituaries.empty());
}

TEST_CASE("noting one does not hide one that has not been told") {
    Obituaries obituaries;
    obituaries.add(death(1));
    static_cast<void>(tell_all(obituaries));
    obituaries.add(death(2));
    obituaries.noted(1);
    REQUIRE(tell_all(obituaries) == std::vector<std::uint64_t>{2});
}

TEST_CASE("an unknown number changes nothing") {
    Obituaries obituaries;
    obituaries.add(death(1));
    obituaries.noted(7);
    REQUIRE(tell_all(obituaries) == std::vector<std::uint64_t>{1});
}

TEST_CASE("beyond the limit the oldest are forgotten") {
    Obituaries obituaries;
    for (std::uint64_t number = 1; number <= Obituaries::kept_max + 5; ++number) {
        obituaries.add(death(number));
    }
    const auto told = tell_all(obituaries);
    REQUIRE(told.size() == Obituaries::kept_max);
    REQUIRE(told.front() == 6);
}

}  // namespace
}  // namespace penstock::worker
