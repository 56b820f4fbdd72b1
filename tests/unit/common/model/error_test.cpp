#include "common/model/error.hpp"

#include <set>
#include <string>

#include "common/model/result.hpp"
#include "tests/support/catch.hpp"

namespace penstock {
namespace {

constexpr std::uint64_t codes = 25;

TEST_CASE("every error number has a name of its own") {
    std::set<std::string_view> names;
    for (std::uint64_t number = 1; number <= codes; ++number) {
        INFO(number);
        const auto code = error_code_from_number(number);
        REQUIRE(code);
        CHECK(static_cast<std::uint64_t>(*code) == number);
        names.insert(name(*code));
    }
    CHECK(names.size() == codes);
    CHECK(names.contains("time_limit"));
}

TEST_CASE("a number outside the table is no error code") {
    CHECK_FALSE(error_code_from_number(0));
    CHECK_FALSE(error_code_from_number(codes + 1));
    // Not cut to eight bits, where it would be 1.
    CHECK_FALSE(error_code_from_number(257));
}

TEST_CASE("a failed result carries code and message") {
    const Result<int> result = fail(ErrorCode::busy, "queue is full");
    REQUIRE_FALSE(result);
    CHECK(result.error() == Error{ErrorCode::busy, "queue is full"});
}

}  // namespace
}  // namespace penstock
