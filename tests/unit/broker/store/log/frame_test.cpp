#include "broker/store/log/frame.hpp"

#include <string>
#include <string_view>

#include "tests/support/catch.hpp"

namespace penstock::broker {
namespace {

// Two records behind each other, and zeros behind them.
std::string two_records() {
    std::uint32_t chain = 3;
    std::string bytes;
    for (const auto& [sequence, text] :
         {std::pair<Sequence, std::string_view>{1, "one"}, {2, "another"}}) {
        const FrameHead head =
            frame_head({RecordKind::task_finished, sequence, as_byte_view(text)}, chain);
        bytes += as_text(head);
        bytes += text;
    }
    return bytes + std::string(30, '\0');
}

// How many records can be read before an error or the end.
std::size_t readable(const std::string& bytes, bool& failed, std::uint32_t chain = 3) {
    ByteView rest = as_byte_view(bytes);
    for (std::size_t count = 0;; ++count) {
        const Result<RawRecord> record = take_frame(rest, chain);
        failed = !record;
        if (failed || record->kind == RecordKind::none) {
            return count;
        }
    }
}

}  // namespace

TEST_CASE("records come out of a batch as they went in") {
    const std::string bytes = two_records();
    ByteView rest = as_byte_view(bytes);
    std::uint32_t chain = 3;
    const auto first = take_frame(rest, chain);
    const auto second = take_frame(rest, chain);
    const auto end = take_frame(rest, chain);
    REQUIRE((first && second && end));
    CHECK(first->sequence == 1);
    CHECK(as_text(first->content) == "one");
    CHECK(second->kind == RecordKind::task_finished);
    CHECK(as_text(second->content) == "another");
    CHECK(end->kind == RecordKind::none);
}

TEST_CASE("a record is refused behind another than the one it was written behind") {
    bool failed = false;
    CHECK(readable(two_records(), failed, 4) == 0);
    CHECK(failed);
    const std::string repeated = two_records().substr(0, 23) + two_records();
    CHECK(readable(repeated, failed) == 1);
    CHECK(failed);
}

TEST_CASE("no flipped byte and no cut yields another record") {
    const std::string whole = two_records();
    for (std::size_t at = 0; at < whole.size(); ++at) {
        std::string flipped = whole;
        flipped[at] = static_cast<char>(flipped[at] ^ 0x40);
        bool failed = false;
        CHECK(readable(flipped, failed) <= 2);
        CHECK(failed);
    }
    for (std::size_t length = 0; length < whole.size() - 30; ++length) {
        bool failed = false;
        const std::size_t count = readable(whole.substr(0, length), failed);
        CHECK(count < 2);
        CHECK((failed || length == 0 || length == 23));
    }
}

}  // namespace penstock::broker
