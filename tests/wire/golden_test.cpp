#include "tests/wire/golden.hpp"

#include <set>
#include <string>

#include "common/protocol/codec.hpp"
#include "tests/support/catch.hpp"
#include "tests/wire/sample_messages.hpp"

namespace penstock::wire_test {
namespace {

using namespace protocol;

std::string hexadecimal(const SharedBytes& frame) {
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const std::byte byte : frame.view()) {
        text += digits[std::to_integer<unsigned>(byte) >> 4U];
        text += digits[std::to_integer<unsigned>(byte) & 0xfU];
        text += ' ';
    }
    return text;
}

TEST_CASE("every message is encoded to its golden bytes") {
    for (const Sample& sample : sample_messages()) {
        INFO(sample.name);
        const Frames golden = read_golden(sample.name);
        const Frames encoded = encode(sample.message);
        REQUIRE(encoded.size() == golden.size());
        CHECK(hexadecimal(encoded.front()) == hexadecimal(golden.front()));
        CHECK(encoded == golden);
    }
}

TEST_CASE("every message is decoded from its golden bytes") {
    for (const Sample& sample : sample_messages()) {
        INFO(sample.name);
        const Result<Message> decoded = decode(read_golden(sample.name), Limits{});
        INFO((decoded ? std::string() : decoded.error().message));
        REQUIRE(decoded);
        CHECK(*decoded == sample.message);
    }
}

TEST_CASE("every golden file and every kind of message has a sample") {
    std::set<std::string> names;
    std::set<std::size_t> kinds;
    for (const Sample& sample : sample_messages()) {
        names.insert(sample.name);
        kinds.insert(sample.message.index());
    }
    CHECK(names == golden_names());
    CHECK(kinds.size() == std::variant_size_v<Message>);
}

TEST_CASE("a decoded message outlives the frames it came in") {
    Result<Message> decoded = fail(ErrorCode::internal, "not yet decoded");
    {
        const Frames frames = read_golden("submit");
        decoded = decode(frames, Limits{});
    }
    REQUIRE(decoded);
    const auto& submit = std::get<Submit>(*decoded);
    CHECK(as_text(submit.tasks.at(1).body.payload.view()) == "JPEG");
    CHECK(submit.tasks.at(2).body.payload.size() == inline_body_max_bytes + 1);
}

TEST_CASE("bodies share the memory of the frames, in both directions") {
    const auto inside = [](const SharedBytes& part, const SharedBytes& frame) {
        return part.view().data() >= frame.view().data() &&
               part.view().data() + part.size() <= frame.view().data() + frame.size();
    };
    const SharedBytes payload = SharedBytes::copy_of(std::string(inline_body_max_bytes + 1, 'p'));
    const SharedBytes arguments = SharedBytes::copy_of("\x93\x01\x02\x03");
    const Submit submit{"math.square", "default", {}, {{sample_task_id(1), {arguments, payload}}}};

    const Frames frames = encode(submit);
    REQUIRE(frames.size() == 2);
    CHECK(inside(frames[1], payload));

    const Result<Message> decoded = decode(frames, Limits{});
    REQUIRE(decoded);
    const Body& body = std::get<Submit>(*decoded).tasks.at(0).body;
    CHECK(inside(body.payload, payload));
    CHECK(inside(body.args, frames[0]));
}

TEST_CASE("a body travels inside the header frame up to the limit, and alone above it") {
    for (const std::size_t size : {inline_body_max_bytes, inline_body_max_bytes + 1}) {
        INFO(size);
        const SharedBytes payload = SharedBytes::copy_of(std::string(size, 'p'));
        const Message message =
            Submit{"math.square", "default", {}, {{sample_task_id(1), {{}, payload}}}};
        const Frames frames = encode(message);
        CHECK(frames.size() == (size > inline_body_max_bytes ? 2 : 1));
        CHECK(decode(frames, Limits{}) == Result<Message>(message));
    }
}

TEST_CASE("a full batch fits into the limits and comes back whole") {
    Submit submit{"math.square", "default", {}, {}};
    for (std::size_t i = 0; i < Limits{}.batch_max; ++i) {
        submit.tasks.push_back({sample_task_id(static_cast<std::uint8_t>(i)),
                                {SharedBytes::copy_of(std::string(200, 'a')), {}}});
    }
    const Message message = submit;
    const Frames frames = encode(message);
    CHECK(frames.at(0).size() < Limits{}.header_max_bytes);
    CHECK(decode(frames, Limits{}) == Result<Message>(message));
}

TEST_CASE("texts are cut to their limit and not inside a character") {
    // Each é is two bytes, so the limit of 4,096 lies inside one after the first byte.
    std::string text = "x";
    while (text.size() < 2 * text_max_bytes) {
        text += "\xC3\xA9";
    }
    const Refusal refusal{{ErrorCode::busy, text}, std::chrono::milliseconds(0), {}};
    const Result<Message> decoded = decode(encode(refusal), Limits{});
    REQUIRE(decoded);
    const std::string& cut = std::get<Refusal>(*decoded).error.message;
    CHECK(cut.size() == text_max_bytes - 1);
    CHECK(cut == text.substr(0, cut.size()));
}

TEST_CASE("durations outside the limits are written as the nearest limit") {
    using std::chrono::milliseconds;
    const auto sent_and_received = [](milliseconds grace) {
        const Result<Message> decoded = decode(encode(Stop{Epoch{1}, grace, {}}), Limits{});
        REQUIRE(decoded);
        return std::get<Stop>(*decoded).grace;
    };
    CHECK(sent_and_received(milliseconds(-1)) == milliseconds(0));
    CHECK(sent_and_received(milliseconds::max()) == milliseconds(duration_max));
    CHECK(sent_and_received(milliseconds(5)) == milliseconds(5));
}

}  // namespace
}  // namespace penstock::wire_test
