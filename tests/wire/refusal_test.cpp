// What decode() does not let in, and what it says about it.
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/protocol/codec.hpp"
#include "tests/support/catch.hpp"
#include "tests/wire/golden.hpp"
#include "tests/wire/sample_messages.hpp"

namespace penstock::wire_test {
namespace {

using namespace protocol;

Error refusal_of(const Frames& frames, const Limits& limits = {}) {
    const Result<Message> decoded = decode(frames, limits);
    REQUIRE_FALSE(decoded);
    return decoded.error();
}

Frames with_header(Frames frames, const std::string& header) {
    frames.front() = SharedBytes::copy_of(header);
    return frames;
}

// The golden header of `name` with `from` replaced by `to`, once.
Frames altered(const std::string& name, std::string_view from, std::string_view to) {
    Frames frames = read_golden(name);
    std::string header(as_text(frames.front().view()));
    const std::size_t place = header.find(from);
    REQUIRE(place != std::string::npos);
    header.replace(place, from.size(), to);
    return with_header(std::move(frames), header);
}

std::string hex(std::initializer_list<int> bytes) {
    return {bytes.begin(), bytes.end()};
}

void check_malformed(const Frames& frames, const std::string& text) {
    const Error error = refusal_of(frames);
    CHECK(error.code == ErrorCode::malformed);
    CHECK(error.message == text);
}

TEST_CASE("every truncation of every message is refused") {
    for (const Sample& sample : sample_messages()) {
        INFO(sample.name);
        const Frames whole = read_golden(sample.name);
        for (std::size_t length = 0; length < whole.front().size(); ++length) {
            INFO("cut to " << length << " bytes");
            Frames cut = whole;
            cut.front() = SharedBytes::copy_of(whole.front().view().first(length));
            CHECK(refusal_of(cut).code == ErrorCode::malformed);
        }
    }
}

TEST_CASE("a byte after the last field is refused") {
    for (const Sample& sample : sample_messages()) {
        INFO(sample.name);
        Frames frames = read_golden(sample.name);
        const std::string header(as_text(frames.front().view()));
        CHECK(refusal_of(with_header(frames, header + '\xc0')).code == ErrorCode::malformed);
    }
    check_malformed(altered("heartbeat", "\x0c", "\x0c\x01"),
                    "HEARTBEAT: bytes after the last field");
}

TEST_CASE("a surplus and a missing field are refused") {
    check_malformed({SharedBytes::copy_of(hex({0x93, 1, 12, 0}))},
                    "HEARTBEAT: expected array of 2, got 3");
    check_malformed({SharedBytes::copy_of(hex({0x92, 1, 24}))},
                    "NOTED: expected array of 3, got 2");
    check_malformed(altered("submit", hex({0x93, 0xc4, 0x10, 0x20}), hex({0x92, 0xc4, 0x10, 0x20})),
                    "SUBMIT.tasks[1]: expected array of 3, got 2");
}

TEST_CASE("another version is refused with both numbers, whatever follows") {
    const Error error = refusal_of({SharedBytes::copy_of(hex({0x94, 2, 0xc1, 0xc1}))});
    CHECK(error.code == ErrorCode::version);
    CHECK(error.message == "message: is of protocol version 2, but this side speaks version 1");
    const std::string large = hex({0x94, 2, 1}) + std::string(Limits{}.header_max_bytes, 'x');
    CHECK(refusal_of({SharedBytes::copy_of(large)}).code == ErrorCode::version);
}

TEST_CASE("bytes that are no message of ours are refused") {
    check_malformed({}, "message: no header frame, or more than 4,096 frames");
    check_malformed({SharedBytes()}, "message: expected array, but the frame ends here");
    check_malformed({SharedBytes::copy_of("GET / HTTP/1.1")}, "message: expected array");
    check_malformed({SharedBytes::copy_of(hex({0x90}))},
                    "message.version: expected uint, but the frame ends here");
    check_malformed({SharedBytes::copy_of(hex({0x92, 1, 32}))},
                    "message: kind 32 is not in the table");
    check_malformed({SharedBytes::copy_of(hex({0x92, 1, 0}))},
                    "message: kind 0 is not in the table");
    check_malformed({SharedBytes::copy_of(hex({0x92, 1, 0xff}))}, "message.kind: expected uint");
}

TEST_CASE("a value of another type is refused by its field's name") {
    const std::string first_id = "\xc4\x10\x10\x11";
    check_malformed(altered("submit", first_id, "\xc4\x0f\x10\x11"),
                    "SUBMIT.tasks[0].id: expected bin of 16 bytes");
    check_malformed(altered("submit", "\xabmath.square", "\xc4\x0bmath.square"),
                    "SUBMIT.type: expected str");
    check_malformed(altered("submit", "\xc3", "\x01"), "SUBMIT.options.notify: expected bool");
    check_malformed(altered("submit", "\xcd\xea\x60", "\xd1\xea\x60"),
                    "SUBMIT.options.time_limit_ms: expected uint");
    check_malformed(altered("submit", "\xc0\xc4\x04JPEG", "\xc3\xc4\x04JPEG"),
                    "SUBMIT.tasks[1].args: expected body (nil, bin, uint or array)");
    check_malformed(altered("settled", "\xc4\x20", "\xc4\x1f"),
                    "SETTLED.ids: expected bin of a multiple of 16 bytes");
}

TEST_CASE("a uint may come in any width, and signed if it is not negative") {
    for (const std::string& nine :
         {hex({9}), hex({0xcc, 9}), hex({0xcd, 0, 9}), hex({0xce, 0, 0, 0, 9}),
          hex({0xcf, 0, 0, 0, 0, 0, 0, 0, 9}), hex({0xd0, 9}), hex({0xd1, 0, 9}),
          hex({0xd2, 0, 0, 0, 9}), hex({0xd3, 0, 0, 0, 0, 0, 0, 0, 9})}) {
        INFO(nine.size());
        const Frames frames = {SharedBytes::copy_of(hex({0x93, 1, 24}) + nine)};
        CHECK(decode(frames, Limits{}) == Result<Message>(Noted{9}));
    }
    for (const std::string& other :
         {hex({0xff}), hex({0xd0, 0x80}), hex({0xd1, 0xff, 0xff}),
          hex({0xd3, 0x80, 0, 0, 0, 0, 0, 0, 0}), hex({0xca, 0, 0, 0, 0})}) {
        INFO(other.size());
        // Two numbers, so that the frame does not end with the one that is refused.
        const Frames frames = {SharedBytes::copy_of(hex({0x94, 1, 17}) + other + hex({0xc4, 0}))};
        check_malformed(frames, "SETTLED.epoch: expected uint");
    }
}

TEST_CASE("a number that is not in its table is refused") {
    check_malformed(altered("receipt", hex({4, 1}), hex({4, 9})),
                    "RECEIPT.durability: not a number of its table");
    check_malformed(altered("refusal", hex({1, 5, 5}), hex({1, 5, 99})),
                    "REFUSAL.code: not a number of its table");
    check_malformed(altered("query-tasks", hex({10, 2, 2}), hex({10, 2, 6})),
                    "QUERY.what: not a number of its table");
    check_malformed(altered("join", std::string("math.double\0", 12), "math.double\x02"),
                    "JOIN.types[0].class: not a number of its table");
    check_malformed(altered("result", hex({0xc0, 0, 0, 0x92}), hex({5, 0, 0, 0x92})),
                    "RESULT.results[3].site: not an index into sites");
}

TEST_CASE("numbers over their limit are refused") {
    const std::string too_long = hex({0xcf, 0, 1, 0, 0, 0, 0, 0, 0});
    CHECK(refusal_of(altered("submit", "\xcd\xea\x60", too_long))
              .message.starts_with(
                  "SUBMIT.options.time_limit_ms: 281474976710656 is over the largest value"));
    check_malformed(altered("progress", "\xcd\x01\xf4", "\xcd\x03\xe9"),
                    "PROGRESS.reports[0].permille: 1001 is over the largest value, 1000");
    check_malformed(altered("join", "\xcd\x10\x92", hex({0xcf, 0, 0, 0, 1, 0, 0, 0, 0})),
                    "JOIN.pid: 4294967296 is over the largest value, 4294967295");
    check_malformed(altered("query-tasks", "\xcd\x03\xe8", "\xcd\x03\xe9"),
                    "QUERY.limit: 1001 is over the largest value, 1000");
    check_malformed(altered("query-tasks", "\xcd\x03\xe8", std::string(1, '\0')),
                    "QUERY.limit: expected 1 or more");
}

TEST_CASE("a worker with more slots than any machine has is refused") {
    Join join = std::get<Join>(*decode(read_golden("join"), Limits{}));
    join.slots = {slots_max, slots_max};
    CHECK(decode(encode(join), Limits{}));
    join.slots = {1, slots_max + 1};
    check_malformed(encode(join), "JOIN.slots.wait: 1025 is over the largest value, 1024");
}

TEST_CASE("text that is not UTF-8 is refused, and never written") {
    check_malformed(altered("progress", "half",
                            "ha\xfc"
                            "f"),
                    "PROGRESS.reports[0].note: is not UTF-8");
    const Frames mended = encode(Refusal{{ErrorCode::failed, "caf\xe9"}, {}, {}});
    const Refusal read = std::get<Refusal>(*decode(mended, Limits{}));
    CHECK(read.error.message == "caf?");
}

TEST_CASE("a name with other characters, or too many, is refused") {
    const std::string text = ": expected 1 to 128 characters of A-Z a-z 0-9 . _ - :";
    check_malformed(altered("submit", "math.square", "math/square"), "SUBMIT.type" + text);
    check_malformed(altered("submit",
                            "\xa7"
                            "default",
                            "\xa0"),
                    "SUBMIT.queue" + text);
    check_malformed(altered("join", "\xa4slow", "\xa4sl w"), "JOIN.queues[1]" + text);
    check_malformed(altered("join", "\xa3gpu", "\xa0"), "JOIN.labels[0]: is empty");
    check_malformed(altered("hello", "\xacpenstock-cli", "\xd9\x81" + std::string(129, 'a')),
                    "HELLO.name: longer than 128 bytes");
    check_malformed(altered("join", "\xa6host-a", "\xa0"), "JOIN.host: is empty");
    check_malformed(
        altered("refusal", "\xadqueue is full", "\xda\x10\x01" + std::string(4097, 'a')),
        "REFUSAL.message: longer than 4096 bytes");
}

TEST_CASE("counts are held against the limit and against the bytes that are there") {
    check_malformed({SharedBytes::copy_of(hex({0x94, 1, 19, 7, 0xdd, 0xff, 0xff, 0xff, 0xff}))},
                    "RETURNED.leases: 4294967295 elements, at most 1024");
    check_malformed({SharedBytes::copy_of(hex({0x94, 1, 19, 7, 0xdc, 4, 0}))},
                    "RETURNED.leases: more elements than the frame can hold");
    check_malformed({SharedBytes::copy_of(hex({0x93, 1, 6, 0xc6, 0xff, 0xff, 0xff, 0xff}))},
                    "AWAIT.ids: the bin is longer than the frame");
    check_malformed({SharedBytes::copy_of(hex({0x94, 1, 1, 0xd9, 5}) + "abcd")},
                    "HELLO.name: the str is longer than the frame");
}

TEST_CASE("more ids than a batch holds are refused") {
    const std::vector<TaskId> ids(Limits{}.batch_max + 1, sample_task_id(1));
    check_malformed(encode(Await{ids}), "AWAIT.ids: 1025 ids, at most 1024");
    CHECK(decode(encode(Await{{ids.begin() + 1, ids.end()}}), Limits{}));
}

TEST_CASE("the tasks of all groups of a DISPATCH together keep the limit") {
    const DispatchGroup half{"math.square", "default", std::chrono::milliseconds(0),
                             std::vector<Assignment>(600)};
    check_malformed(encode(Dispatch{Epoch{}, {half, half}}),
                    "DISPATCH.groups[1].tasks: 600 elements, at most 424");
}

TEST_CASE("a body frame is named exactly once") {
    Frames frames = read_golden("submit");
    frames.push_back(SharedBytes::copy_of("nobody asked for this"));
    check_malformed(frames, "SUBMIT: body frame 2 is named by no field");
    frames.resize(1);
    check_malformed(frames, "SUBMIT.tasks[2].payload: names body frame 1 of 0");

    check_malformed(altered("submit", hex({0xc4, 1, 1, 1}), hex({1, 1})),
                    "SUBMIT.tasks[2].payload: names body frame 1 a second time");
    check_malformed(altered("submit", hex({0xc4, 1, 1, 1}), hex({0, 1})),
                    "SUBMIT.tasks[2].args: names body frame 0 of 1");
}

TEST_CASE("messages without bodies have no body frames") {
    Frames frames = read_golden("heartbeat");
    frames.push_back(SharedBytes::copy_of("surplus"));
    check_malformed(frames, "HEARTBEAT: body frame 1 is named by no field");
}

// Memory in which every slot holds the same text, but for those of generation 9.
class OneText : public SlotRefs {
  public:
    std::optional<SlotRef> lend(ByteView bytes) override {
        return bytes.size() < 200'000 ? std::nullopt
                                      : std::optional(SlotRef{"s", 1, 2, bytes.size()});
    }
    Result<SharedBytes> borrow(const SlotRef& ref) override {
        borrowed.push_back(ref);
        if (ref.generation == 9) {
            return fail(ErrorCode::stale, "the slot has another generation");
        }
        return SharedBytes::copy_of("in memory");
    }
    std::vector<SlotRef> borrowed;
};

TEST_CASE("a body in shared memory is unsupported where none is shared") {
    const std::string reference = hex({0x94, 0xa1, 's', 1, 1, 4});
    const Error error = refusal_of(altered("submit", "\xc4\x04JPEG", reference));
    CHECK(error.code == ErrorCode::unsupported);
    CHECK(error.message == "SUBMIT.tasks[1].payload: no memory is shared in this session");
}

TEST_CASE("a body in shared memory is read where it lies") {
    OneText memory;
    const Frames frames = altered("submit", "\xc4\x04JPEG", hex({0x94, 0xa1, 's', 1, 1, 4}));
    const Result<Message> decoded = decode(frames, Limits{}, &memory);
    REQUIRE(decoded);
    CHECK(as_text(std::get<Submit>(*decoded).tasks.at(1).body.payload.view()) == "in memory");
    CHECK(memory.borrowed == std::vector<SlotRef>{{"s", 1, 1, 4}});
}

TEST_CASE("what the memory says of a body that it has not is the answer") {
    OneText memory;
    const Frames frames = altered("submit", "\xc4\x04JPEG", hex({0x94, 0xa1, 's', 1, 9, 4}));
    const Result<Message> decoded = decode(frames, Limits{}, &memory);
    REQUIRE_FALSE(decoded);
    CHECK(decoded.error() ==
          Error{ErrorCode::stale, "SUBMIT.tasks[1].payload: the slot has another generation"});
}

TEST_CASE("bodies in shared memory keep the limits of those in frames") {
    OneText memory;
    const auto code_of = [&](const std::string& length, const Limits& limits) {
        const Frames frames =
            altered("submit", "\xc4\x04JPEG", hex({0x94, 0xa1, 's', 1, 1}) + length);
        const Result<Message> decoded = decode(frames, limits, &memory);
        return decoded ? std::nullopt : std::optional(decoded.error().code);
    };
    const std::string mebibyte = hex({0xce, 0, 0x10, 0, 0});
    CHECK(code_of(mebibyte, {.body_max_bytes = std::size_t{1} << 20U}) == std::nullopt);
    CHECK(code_of(mebibyte, {.body_max_bytes = (std::size_t{1} << 20U) - 1}) ==
          ErrorCode::too_large);
    // Together with the frames.
    CHECK(code_of(mebibyte, {.message_max_bytes = std::size_t{2} << 20U}) == std::nullopt);
    CHECK(code_of(mebibyte, {.message_max_bytes = (std::size_t{1} << 20U) - 1}) ==
          ErrorCode::too_large);
    CHECK(memory.borrowed.size() == 2);
}

TEST_CASE("a large body that lies in shared memory is only named, a small one is sent") {
    OneText memory;
    const auto submit = [](std::size_t bytes) {
        return Submit{"a",
                      "default",
                      {},
                      {{sample_task_id(1), {{}, SharedBytes::copy_of(std::string(bytes, 'p'))}}}};
    };
    const Frames named = encode(submit(200'000), &memory);
    REQUIRE(named.size() == 1);
    CHECK(named.front().size() < 200);
    const Result<Message> decoded = decode(named, Limits{}, &memory);
    REQUIRE(decoded);
    CHECK(memory.borrowed == std::vector<SlotRef>{{"s", 1, 2, 200'000}});
    // Not in the memory; below what is worth a reference; no memory at all.
    CHECK(encode(submit(199'999), &memory).size() == 2);
    CHECK(encode(submit(shared_body_min_bytes - 1), &memory).size() == 2);
    CHECK(encode(submit(200'000)).size() == 2);
}

TEST_CASE("what is over a size limit is too large, but a long header is malformed") {
    const Frames frames = read_golden("submit");
    const std::size_t header = frames[0].size();
    const std::size_t body = frames[1].size();
    const auto code_with = [&frames](const Limits& limits) {
        const Result<Message> decoded = decode(frames, limits);
        return decoded ? std::nullopt : std::optional(decoded.error().code);
    };
    CHECK(code_with({.body_max_bytes = body}) == std::nullopt);
    CHECK(code_with({.body_max_bytes = body - 1}) == ErrorCode::too_large);
    CHECK(code_with({.message_max_bytes = header + body}) == std::nullopt);
    CHECK(code_with({.message_max_bytes = header + body - 1}) == ErrorCode::too_large);
    CHECK(code_with({.header_max_bytes = header}) == std::nullopt);
    CHECK(code_with({.header_max_bytes = header - 1}) == ErrorCode::malformed);
}

TEST_CASE("an inline body over the limit is too large, too") {
    const Error error = refusal_of(read_golden("outcome"), {.body_max_bytes = 2});
    CHECK(error.code == ErrorCode::too_large);
    CHECK(error.message == "OUTCOME.outcomes[0].payload: 3 bytes, at most 2");
}

TEST_CASE("a large body inside the header does not keep the header in memory") {
    const std::string payload(inline_body_max_bytes + 1, 'p');
    const Frames frames = altered("submit", "\xc4\x04JPEG", hex({0xc6, 0, 1, 0, 1}) + payload);
    const Message message = *decode(frames, Limits{});
    const ByteView found = std::get<Submit>(message).tasks.at(1).body.payload.view();
    REQUIRE(found.size() == payload.size());
    const ByteView header = frames[0].view();
    const bool inside =
        found.data() >= header.data() && found.data() < header.data() + header.size();
    CHECK_FALSE(inside);
}

TEST_CASE("args and payload together leave room for the header of whoever carries them on") {
    const Frames frames = read_golden("submit");
    const std::size_t size = frames[1].size() + 1;  // args inline, the payload in a frame
    CHECK(decode(frames, {.bodies_max_bytes = size}));
    const Error error = refusal_of(frames, {.bodies_max_bytes = size - 1});
    CHECK(error.code == ErrorCode::too_large);
    CHECK(error.message.starts_with("SUBMIT.tasks[2]: args and payload have "));
}

TEST_CASE("a socket lets in the largest body and the largest header") {
    CHECK(frame_max_bytes({.body_max_bytes = 100, .header_max_bytes = 5000}) == 5000 + 1024);
    CHECK(frame_max_bytes({.body_max_bytes = 7000, .header_max_bytes = 5000}) == 7000 + 1024);
}

TEST_CASE("a task of a query for one needs its id") {
    const TaskId task = sample_task_id(0x10);
    const std::string id = "\xc4\x10" + std::string(task.bytes.begin(), task.bytes.end());
    check_malformed(altered("query-task", id, "\xc0"),
                    "QUERY.id: expected bin of 16 bytes when what is 1");
}

}  // namespace
}  // namespace penstock::wire_test
