#include "common/model/task.hpp"

#include <set>
#include <string>

#include "tests/support/catch.hpp"

namespace penstock {
namespace {

TEST_CASE("every task state has its number and a name that leads back to it") {
    for (std::uint64_t number = 1; number <= task_state_count; ++number) {
        INFO(number);
        const auto state = task_state_from_number(number);
        REQUIRE(state);
        CHECK(static_cast<std::uint64_t>(*state) == number);
        CHECK(task_state_from_name(name(*state)) == state);
    }
    CHECK_FALSE(task_state_from_number(0));
    CHECK_FALSE(task_state_from_number(task_state_count + 1));
    CHECK_FALSE(task_state_from_number(256 + 1));
    CHECK_FALSE(task_state_from_name("running"));
}

TEST_CASE("four states are final") {
    std::set<std::string_view> finals;
    for (std::uint64_t number = 1; number <= task_state_count; ++number) {
        if (is_final(*task_state_from_number(number))) {
            finals.insert(name(*task_state_from_number(number)));
        }
    }
    CHECK(finals == std::set<std::string_view>{"completed", "dead", "cancelled", "expired"});
}

TEST_CASE("dead reasons are numbered from none") {
    CHECK(dead_reason_from_number(0) == DeadReason::none);
    CHECK(dead_reason_from_number(6) == DeadReason::parent_failed);
    CHECK_FALSE(dead_reason_from_number(7));
    CHECK_FALSE(dead_reason_from_number(256));
    CHECK(name(DeadReason::poison) == "poison");
}

TEST_CASE("every durability has its number and a name that leads back to it") {
    for (std::uint64_t number = 1; number <= 3; ++number) {
        const auto durability = durability_from_number(number);
        REQUIRE(durability);
        CHECK(durability_from_name(name(*durability)) == durability);
    }
    CHECK_FALSE(durability_from_number(0));
    CHECK_FALSE(durability_from_number(4));
    CHECK_FALSE(durability_from_name("paper"));
}

TEST_CASE("a name has 1 to 128 characters of a short list") {
    CHECK(is_valid_name("image.resize"));
    CHECK(is_valid_name("A-Z_0:9"));
    CHECK(is_valid_name(std::string(128, 'a')));
    CHECK_FALSE(is_valid_name(""));
    CHECK_FALSE(is_valid_name(std::string(129, 'a')));
    for (const std::string_view text : {"a b", "a/b", "a\n", "\xC3\xA9", "a=b"}) {
        INFO(text);
        CHECK_FALSE(is_valid_name(text));
    }
    CHECK_FALSE(is_valid_name(std::string_view("a\0b", 3)));
}

}  // namespace
}  // namespace penstock
