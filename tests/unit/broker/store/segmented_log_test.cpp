#include "broker/store/segmented_log.hpp"

#include <poll.h>

#include "broker/store/log/posix_files.hpp"
#include "tests/simulation/disk.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"

namespace penstock::broker {
namespace {

using simulation::Disk;

constexpr LogOptions options{std::uint64_t{8} << 20U};

TaskId numbered(std::uint64_t number) {
    TaskId id;
    std::memcpy(id.bytes.data(), &number, sizeof number);
    return id;
}

Instant at(std::int64_t unix_ms) {
    Instant now;
    now.unix_ms = unix_ms;
    return now;
}

Record accepted(std::uint64_t number, std::size_t bytes = 10) {
    return TaskAccepted{numbered(number),
                        "sum",
                        "default",
                        {},
                        {SharedBytes::copy_of(std::string(bytes, 'x')), {}},
                        1};
}

void wait_until_durable(const Journal& journal, Sequence sequence) {
    while (journal.durable() < sequence) {
        pollfd wake{*journal.wake_descriptor(), POLLIN, 0};
        REQUIRE(::poll(&wake, 1, 60'000) == 1);
    }
}

std::vector<Record> no_records() {
    return {};
}

}  // namespace

TEST_CASE("what is durable is there in the next life, in order") {
    const TemporaryFolder place;
    for (std::uint64_t life = 0; life < 3; ++life) {
        SegmentedLog log(std::move(*open_folder(place.path())), options, {1});
        std::uint64_t count = 0;
        REQUIRE(log.replay([&](const Record& record, Sequence) {
            ++count;
            REQUIRE(std::get<TaskAccepted>(record).id == numbered(count));
        }));
        REQUIRE(count == life * 10'000);
        REQUIRE(log.begin_epoch(at(1)));
        for (std::uint64_t turn = 0; turn < 100; ++turn) {
            std::vector<Record> records;
            for (std::uint64_t i = 0; i < 100; ++i) {
                records.push_back(accepted(++count));
            }
            REQUIRE(log.append(records));
        }
        wait_until_durable(log, count);
    }
}

TEST_CASE("epochs grow from life to life, even if the clock goes back") {
    Disk disk;
    Epoch last;
    for (const std::int64_t clock : {1'000'000, 2'000'000, 5, 2'000'001}) {
        SegmentedLog log(disk.folder(), options, {1});
        REQUIRE(log.replay([](const Record&, Sequence) {}));
        const auto epoch = log.begin_epoch(at(clock));
        REQUIRE(epoch);
        CHECK(epoch->value > last.value);
        CHECK(epoch->value >= static_cast<std::uint64_t>(clock) * 1000);
        last = *epoch;
    }
}

TEST_CASE("more than a batch and more than a segment are written in pieces") {
    Disk disk;
    constexpr std::size_t bytes = 900'000;
    {
        SegmentedLog log(disk.folder(), options, {1});
        REQUIRE(log.replay([](const Record&, Sequence) {}));
        REQUIRE(log.begin_epoch(at(1)));
        std::vector<Record> records;
        for (std::uint64_t i = 1; i <= 30; ++i) {
            records.push_back(accepted(i, bytes));
        }
        REQUIRE(log.append(records));
        wait_until_durable(log, 30);
        log.trim(20);
        REQUIRE(log.append(std::span(records).first(1)));
        wait_until_durable(log, 31);
    }
    SegmentedLog log(disk.folder(), options, {1});
    std::size_t found = 0;
    REQUIRE(log.replay([&](const Record& record, Sequence) {
        found += std::get<TaskAccepted>(record).body.args.size() == bytes ? 1U : 0U;
    }));
    CHECK(found < 31);
    CHECK(found >= 11);
}

TEST_CASE("when the disk fails, nothing more is durable and the broker is told") {
    Disk disk;
    SegmentedLog log(disk.folder(), options, {1});
    REQUIRE(log.replay([](const Record&, Sequence) {}));
    REQUIRE(log.begin_epoch(at(1)));
    const std::vector<Record> one{accepted(1)};
    REQUIRE(log.append(one));
    wait_until_durable(log, 1);
    disk.cut_at(0);
    Result<void> appended = log.append(one);
    while (appended) {
        pollfd wake{*log.wake_descriptor(), POLLIN, 0};
        REQUIRE(::poll(&wake, 1, 60'000) == 1);
        CHECK(log.durable() == 1);
        appended = log.append(no_records());
    }
    CHECK(appended.error().code == ErrorCode::internal);
}

TEST_CASE("a damaged journal is refused and left as it is") {
    Disk disk;
    {
        SegmentedLog log(disk.folder(), options, {1});
        REQUIRE(log.replay([](const Record&, Sequence) {}));
        REQUIRE(log.begin_epoch(at(1)));
    }
    std::vector<std::byte>& bytes = disk.bytes_of(segment_name(1));
    bytes[block_bytes + 100] ^= std::byte{1};
    const std::vector<std::byte> before = bytes;
    SegmentedLog log(disk.folder(), options, {1});
    const auto replayed = log.replay([](const Record&, Sequence) {});
    REQUIRE_FALSE(replayed);
    CHECK(replayed.error().code == ErrorCode::malformed);
    CHECK(disk.bytes_of(segment_name(1)) == before);
}

}  // namespace penstock::broker
