#include "broker/store/log/segment_start.hpp"

#include "tests/support/catch.hpp"

namespace penstock::broker {
namespace {

using Catch::Matchers::ContainsSubstring;

std::array<std::byte, sector_bytes> start_of(std::uint32_t version_byte = 0) {
    std::array<std::byte, sector_bytes> sector{};
    write_segment_start(sector, {{9, 9}, 3, 8192, Epoch{17}, {5, 100, 77}});
    if (version_byte != 0) {
        sector[sector_head_bytes + 8] = static_cast<std::byte>(version_byte);
        seal(sector, {1, 0}, {});
    }
    return sector;
}

}  // namespace

TEST_CASE("the start of a segment is read as it was written") {
    const auto start = read_segment_start(start_of());
    REQUIRE(start);
    CHECK(*start == SegmentStart{{9, 9}, 3, 8192, Epoch{17}, {5, 100, 77}});
}

TEST_CASE("a segment of a later format is refused by its version, not as damaged") {
    const auto start = read_segment_start(start_of(2));
    REQUIRE_FALSE(start);
    CHECK(start.error().code == ErrorCode::unsupported);
    CHECK_THAT(start.error().message, ContainsSubstring("version 2"));
}

TEST_CASE("a file of somebody else's is not taken for a segment") {
    std::array<std::byte, sector_bytes> sector{};
    CHECK_FALSE(read_segment_start(sector));
    sector.fill(std::byte{'x'});
    const auto start = read_segment_start(sector);
    REQUIRE_FALSE(start);
    CHECK_THAT(start.error().message, ContainsSubstring("none of a journal's"));
}

TEST_CASE("names of segments sort as their numbers do, and other names are none") {
    CHECK(segment_name(255) == "segment-00000000000000ff");
    CHECK(segment_number("segment-00000000000000ff") == 255);
    for (const char* other : {"spare", "segment-", "segment-00000000000000fg", "segment-ff",
                              "segment-00000000000000FF", "segment-00000000000000ff.bak"}) {
        CHECK_FALSE(segment_number(other));
    }
}

TEST_CASE("numbers of batches go round and leave out 0") {
    CHECK(batch_after(1) == 2);
    CHECK(batch_after(0xFFFFFFFF) == 1);
}

}  // namespace penstock::broker
