#include "common/model/ids.hpp"

#include <string>

#include "tests/support/catch.hpp"

namespace penstock {
namespace {

constexpr std::int64_t rfc_time = 0x017F22E279B0;
const std::string rfc_text = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";

TEST_CASE("a task id is the UUIDv7 of the example in RFC 9562") {
    // Appendix A.6; the bytes of the second random number are taken from its low end.
    const TaskId id = make_task_id(rfc_time, 0xCC3, 0x8F39070C0CDCC458);
    CHECK(to_text(id) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
    CHECK(created_unix_ms(id) == rfc_time);
}

TEST_CASE("version and variant are set whatever the random numbers are") {
    for (const std::uint64_t random : {std::uint64_t{0}, ~std::uint64_t{0}}) {
        const TaskId id = make_task_id(rfc_time, random, random);
        CHECK((id.bytes[6] >> 4U) == 7);
        CHECK((id.bytes[8] >> 6U) == 2);
        CHECK(created_unix_ms(id) == rfc_time);
    }
}

TEST_CASE("only a UUIDv7 tells when it was made") {
    CHECK(is_dated(make_task_id(rfc_time, ~0ULL, ~0ULL)));
    CHECK_FALSE(is_dated(TaskId()));
    // Version 4, and another variant.
    CHECK_FALSE(is_dated(*parse_task_id("017f22e2-79b0-4cc3-98c4-dc0c0c07398f")));
    CHECK_FALSE(is_dated(*parse_task_id("017f22e2-79b0-7cc3-d8c4-dc0c0c07398f")));
}

TEST_CASE("ids of different times sort by time") {
    CHECK(make_task_id(rfc_time, ~0ULL, ~0ULL) < make_task_id(rfc_time + 1, 0, 0));
}

TEST_CASE("an id is read from its text in either case") {
    const auto lower = parse_task_id(rfc_text);
    const auto upper = parse_task_id("017F22E2-79B0-7CC3-98C4-DC0C0C07398F");
    REQUIRE(lower);
    REQUIRE(upper);
    CHECK(*lower == *upper);
    CHECK(to_text(*lower) == rfc_text);
}

TEST_CASE("a text that is no id is refused") {
    const std::string text =
        GENERATE(as<std::string>(), "", "017f22e2", "017f22e279b07cc398c4dc0c0c07398f",
                 "017f22e2-79b0-7cc3-98c4-dc0c0c07398", "017f22e2-79b0-7cc3-98c4-dc0c0c07398ff",
                 "017f22e2_79b0-7cc3-98c4-dc0c0c07398f", "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
                 "017f22e-279b0-7cc3-98c4-dc0c0c07398f");
    INFO(text);
    const auto parsed = parse_task_id(text);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == ErrorCode::malformed);
}

TEST_CASE("ids that differ in any byte differ, and their hashes do") {
    const TaskId id = make_task_id(rfc_time, 1, 2);
    for (std::size_t i = 0; i < id.bytes.size(); ++i) {
        INFO(i);
        TaskId other = id;
        other.bytes[i] = static_cast<std::uint8_t>(other.bytes[i] ^ 1U);
        CHECK_FALSE(other == id);
        CHECK(std::hash<TaskId>()(other) != std::hash<TaskId>()(id));
    }
}

}  // namespace
}  // namespace penstock
