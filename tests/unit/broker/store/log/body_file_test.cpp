#include "broker/store/log/body_file.hpp"

#include <array>
#include <memory>

#include "broker/store/log/batch_queue.hpp"
#include "broker/store/log/open_log.hpp"
#include "tests/simulation/disk.hpp"
#include "tests/support/catch.hpp"

namespace penstock::broker {
namespace {

using Catch::Matchers::ContainsSubstring;
using simulation::Disk;

constexpr std::uint64_t small_body = 100;
constexpr LogOptions few_inside{std::uint64_t{64} << 10U, 0, small_body};

TaskAccepted with_body(std::uint8_t number, std::size_t bytes) {
    TaskAccepted record;
    record.id.bytes.back() = number;
    record.type = "sum";
    record.queue = "default";
    record.body = {SharedBytes::copy_of("args"),
                   SharedBytes::copy_of(std::string(bytes, static_cast<char>('a' + number)))};
    return record;
}

TaskFinished with_result(std::uint8_t number, std::size_t bytes) {
    TaskFinished record;
    record.result.id.bytes.back() = number;
    record.result.state = TaskState::completed;
    record.result.output = with_body(number, bytes).body;
    return record;
}

// A journal, opened and in a life.
struct Opened {
    OpenLog log;
    std::vector<Body> found;
    std::optional<Error> error;

    explicit Opened(Disk& disk, const LogOptions& options = few_inside)
        : log(disk.folder(), options, {7}) {
        const auto keep = [this](Record record, Sequence) { found.push_back(*body_of(record)); };
        const Result<void> replayed = log.replay(keep);
        if (!replayed) {
            error = replayed.error();
        } else if (const Result<Epoch> epoch = log.begin_epoch({}); !epoch) {
            error = epoch.error();
        }
    }

    [[nodiscard]] Result<void> write(const std::vector<Record>& records) {
        BatchQueue queue(log.state().position);
        queue.add(records, encode_records(records, log.options().inside_bytes_max));
        Batch batch = queue.take();
        return log.write(batch);
    }
};

// Somebody writes to the body's memory while its file is made.
class MeddledFolder final : public Folder {
  public:
    MeddledFolder(std::unique_ptr<Folder> folder, std::byte& meddled)
        : folder_(std::move(folder)), meddled_(meddled) {}

    [[nodiscard]] Result<std::vector<std::string>> list() const override { return folder_->list(); }
    [[nodiscard]] Result<std::unique_ptr<File>> open(const std::string& name) override {
        return folder_->open(name);
    }
    [[nodiscard]] Result<std::unique_ptr<File>> create(const std::string& name) override {
        meddled_ = std::byte{'!'};
        return folder_->create(name);
    }
    [[nodiscard]] Result<void> rename(const std::string& from, const std::string& to) override {
        return folder_->rename(from, to);
    }
    [[nodiscard]] Result<void> remove(const std::string& name) override {
        return folder_->remove(name);
    }
    [[nodiscard]] Result<void> sync_names() override { return folder_->sync_names(); }

  private:
    std::unique_ptr<Folder> folder_;
    std::byte& meddled_;
};

TEST_CASE("a body whose memory is written to meanwhile leaves no damage") {
    Disk disk;
    const auto memory = std::make_shared<std::array<std::byte, 1000>>();
    const SharedBytes payload(memory, *memory);
    MeddledFolder folder(disk.folder(), memory->front());
    const JournalId journal{7};
    const BodyPlace place{1, 2};
    REQUIRE(write_body(folder, journal, place, {{}, payload}));
    const Result<Body> read = read_body(folder, journal, place, {0, payload.size()});
    REQUIRE(read);
    CHECK(read->payload == SharedBytes::copy_of(std::string(1000, '\0')));
}

std::vector<std::string> bodies_on(const Disk& disk) {
    std::vector<std::string> names;
    for (const auto& [name, content] : disk.names()) {
        if (body_place(name)) {
            names.push_back(name);
        }
    }
    return names;
}

}  // namespace

TEST_CASE("a body's file is named after the record and its segment") {
    const std::string name = "body-000000000000000a-00000000000000ff";
    CHECK(body_file_name({10, 255}) == name);
    CHECK(body_place(name) == BodyPlace{10, 255});
    for (const char* other :
         {"body-000000000000000A-00000000000000ff", "body-000000000000000a_00000000000000ff",
          "body-000000000000000a-00000000000000f", "segment-0000000000000001", "body-", ""}) {
        CAPTURE(other);
        CHECK_FALSE(body_place(other));
    }
}

TEST_CASE("large bodies of tasks and results lie in files, and are there in the next life") {
    Disk disk;
    {
        Opened first(disk);
        REQUIRE(first.write({with_body(1, 500), with_body(2, 5), with_result(1, 700)}));
        CHECK(bodies_on(disk) == std::vector{body_file_name({1, 1}), body_file_name({1, 3})});
    }
    const Opened second(disk);
    REQUIRE_FALSE(second.error);
    CHECK(second.found == std::vector{with_body(1, 500).body, with_body(2, 5).body,
                                      with_result(1, 700).result.output});
}

TEST_CASE("every flipped byte and every other length of a body's file refuses to start") {
    Disk disk;
    {
        Opened first(disk);
        REQUIRE(first.write({with_body(1, 200)}));
    }
    const std::string name = body_file_name({1, 1});
    std::vector<std::byte>& bytes = disk.bytes_of(name);
    const auto is_refused = [&] {
        const Opened next(disk);
        return next.error && next.error->code == ErrorCode::malformed &&
               next.error->message.find(name) != std::string::npos;
    };
    for (std::byte& byte : bytes) {
        byte ^= std::byte{0x10};
        REQUIRE(is_refused());
        byte ^= std::byte{0x10};
    }
    const std::vector<std::byte> whole = bytes;
    while (!bytes.empty()) {
        bytes.pop_back();
        REQUIRE(is_refused());
    }
    bytes = whole;
    bytes.push_back(std::byte{0});
    REQUIRE(is_refused());
    bytes.pop_back();
    CHECK_FALSE(Opened(disk).error);
    REQUIRE(disk.folder()->remove(name));
    CHECK(is_refused());
}

TEST_CASE("a body goes with the segment of its record, and not before") {
    Disk disk;
    Opened opened(disk);
    REQUIRE(opened.write({with_body(1, 500)}));
    while (opened.log.state().segments.size() < 2) {
        REQUIRE(opened.write({with_body(2, 50)}));
    }
    REQUIRE(opened.write({with_body(3, 500)}));
    REQUIRE(bodies_on(disk).size() == 2);
    REQUIRE(opened.log.trim(opened.log.state().segments.front().last_sequence - 1));
    CHECK(bodies_on(disk).size() == 2);
    REQUIRE(opened.log.trim(opened.log.state().segments.front().last_sequence));
    CHECK(bodies_on(disk) ==
          std::vector{body_file_name({2, opened.log.state().position.last_sequence})});
}

TEST_CASE("a segment ends when the bodies beside it take four times its size, over all lives") {
    Disk disk;
    constexpr std::size_t large = std::size_t{64} << 10U;
    for (std::uint8_t number = 1; number <= 5; ++number) {
        Opened opened(disk);
        REQUIRE(opened.log.get_ready());
        REQUIRE(opened.write({with_body(number, large)}));
        CHECK(opened.log.state().segments.size() == (number == 5 ? 2 : 1));
    }
}

TEST_CASE("what a crash has left of bodies goes when the next broker starts, and nothing else") {
    Disk disk;
    {
        Opened first(disk);
        REQUIRE(first.write({with_body(1, 500)}));
    }
    for (const BodyPlace& place :
         {BodyPlace{0, 1}, BodyPlace{1, 2}, BodyPlace{2, 1}, BodyPlace{2, 9}}) {
        REQUIRE(disk.folder()->create(body_file_name(place)));
    }
    REQUIRE(disk.folder()->create("body-of-somebody"));
    CHECK_FALSE(Opened(disk).error);
    CHECK(bodies_on(disk) == std::vector{body_file_name({1, 1})});
    CHECK(disk.names().contains("body-of-somebody"));
}

TEST_CASE("on a full disk a body gets the room of the reserve, and leaves nothing without it") {
    Disk disk;
    constexpr LogOptions reserved{std::uint64_t{64} << 10U, std::uint64_t{64} << 10U, small_body};
    disk.set_size(std::uint64_t{3} * reserved.segment_bytes);
    Opened opened(disk, reserved);
    REQUIRE(opened.log.get_ready());
    REQUIRE(opened.write({with_body(1, 40'000)}));
    CHECK_FALSE(disk.names().contains("reserve"));
    const Result<void> full = opened.write({with_body(2, 40'000)});
    REQUIRE_FALSE(full);
    CHECK(full.error().code == ErrorCode::disk_full);
    CHECK(bodies_on(disk).size() == 1);
}

TEST_CASE("room that was given up becomes a reserve again, before it becomes a segment") {
    Disk disk;
    constexpr std::uint64_t segment = std::uint64_t{64} << 10U;
    constexpr LogOptions reserved{segment, segment, small_body};
    disk.set_size(3 * segment);
    Opened opened(disk, reserved);
    REQUIRE(opened.log.get_ready());
    // Of three segments' room one is written to, one a spare, and the body takes all of the third.
    REQUIRE(opened.write({with_body(1, segment - 1'000)}));
    REQUIRE_FALSE(disk.names().contains("reserve"));
    const Result<void> ready = opened.log.get_ready();
    REQUIRE_FALSE(ready);
    CHECK(ready.error().code == ErrorCode::disk_full);
}

TEST_CASE("one reading loads some large bodies, and the next one the rest") {
    Disk disk;
    constexpr std::size_t large = std::size_t{3} << 20U;
    Opened opened(disk);
    REQUIRE(opened.write({with_body(1, large), with_body(2, large), with_body(3, large),
                          with_body(4, large), with_body(5, large)}));
    const std::vector<Sequence> wanted{1, 2, 3, 4, 5};
    std::vector<Body> bodies;
    const auto keep = [&](Record record, Sequence) { bodies.push_back(*body_of(record)); };
    CHECK(opened.log.read(wanted, keep) == Result<std::size_t>(3));
    CHECK(opened.log.read(std::span(wanted).subspan(3), keep) == Result<std::size_t>(2));
    REQUIRE(bodies.size() == 5);
    CHECK(bodies[4] == with_body(5, large).body);
}

}  // namespace penstock::broker
