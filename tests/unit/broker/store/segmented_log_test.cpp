#include "broker/store/segmented_log.hpp"

#include <fstream>
#include <optional>
#include <poll.h>

#include "broker/store/log/posix_files.hpp"
#include "tests/simulation/disk.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/unit/broker/store/first_life.hpp"

namespace penstock::broker {
namespace {

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
            REQUIRE(std::get<TaskAccepted>(record).id == counted_id(count));
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

TEST_CASE("more than a segment is written in pieces, and goes in pieces") {
    Disk disk;
    constexpr std::size_t bytes = 250'000;
    {
        FirstLife life(disk);
        for (std::uint64_t i = 1; i <= 100; ++i) {
            const std::vector<Record> one{accepted(i, bytes)};
            REQUIRE(life.log.append(one));
            wait_until_durable(life.log, i);
        }
        life.log.trim(60);
        const std::vector<Record> last{accepted(101, bytes)};
        REQUIRE(life.log.append(last));
        wait_until_durable(life.log, 101);
    }
    SegmentedLog log(disk.folder(), options, {1});
    std::size_t found = 0;
    REQUIRE(log.replay([&](const Record& record, Sequence) {
        found += std::get<TaskAccepted>(record).body.args.size() == bytes ? 1U : 0U;
    }));
    CHECK(found < 101);
    CHECK(found >= 41);
}

TEST_CASE("a record that is durable can be read again by its number, in this life and the next") {
    Disk disk;
    // Of one record, of many, and of more than a segment takes.
    const std::vector<std::size_t> turns{1, 1, 300, 2, 50, 1};
    std::uint64_t count = 0;
    const auto read_and_check = [&](Journal& journal, std::uint64_t step) {
        std::vector<Sequence> wanted;
        for (Sequence number = step; number <= count; number += step) {
            wanted.push_back(number);
        }
        std::vector<Sequence> seen;
        const auto visit = [&](const Record& record, Sequence number) {
            const auto& task = std::get<TaskAccepted>(record);
            CHECK(task.id == counted_id(number));
            CHECK(task.body.args.size() == number * 100);
            seen.push_back(number);
        };
        while (seen.size() < wanted.size()) {
            const auto handed = journal.read(std::span(wanted).subspan(seen.size()), visit);
            REQUIRE(handed);
            REQUIRE(*handed > 0);
        }
        CHECK(seen == wanted);
    };
    {
        FirstLife life(disk);
        for (const std::size_t turn : turns) {
            std::vector<Record> records;
            for (std::size_t n = 0; n < turn; ++n) {
                ++count;
                records.push_back(accepted(count, count * 100));
            }
            REQUIRE(life.log.append(records));
            wait_until_durable(life.log, count);
        }
        for (const std::uint64_t step : {1U, 7U, 100U}) {
            read_and_check(life.log, step);
        }
    }
    SegmentedLog log(disk.folder(), options, {1});
    REQUIRE(log.replay([](const Record&, Sequence) {}));
    REQUIRE(log.begin_epoch(at(2)));
    read_and_check(log, 3);
}

TEST_CASE("who reads much gets it in pieces") {
    Disk disk;
    FirstLife life(disk);
    constexpr std::size_t bytes = 3'000'000;
    std::vector<Sequence> wanted;
    for (std::uint64_t i = 1; i <= 6; ++i) {
        const std::vector<Record> one{accepted(i, bytes)};
        REQUIRE(life.log.append(one));
        wait_until_durable(life.log, i);
        wanted.push_back(i);
    }
    const auto count = life.log.read(wanted, [](const Record&, Sequence) {});
    REQUIRE(count);
    CHECK(*count == 3);
}

TEST_CASE("records behind those that were trimmed can still be read") {
    Disk disk;
    FirstLife life(disk);
    for (std::uint64_t i = 1; i <= 30; ++i) {
        const std::vector<Record> one{accepted(i, 900'000)};
        REQUIRE(life.log.append(one));
        wait_until_durable(life.log, i);
        life.log.trim(i - i / 3);
    }
    const std::vector<Sequence> wanted{21, 25, 30};
    std::size_t seen = 0;
    REQUIRE(life.log.read(wanted, [&](const Record&, Sequence) { ++seen; }) == wanted.size());
    CHECK(seen == wanted.size());
}

TEST_CASE("a record that is no longer as it was written is not handed out") {
    const TemporaryFolder place;
    SegmentedLog log(std::move(*open_folder(place.path())), options, {1});
    REQUIRE(log.replay([](const Record&, Sequence) {}));
    REQUIRE(log.begin_epoch(at(1)));
    const std::vector<Record> records{accepted(1), accepted(2, 5'000)};
    REQUIRE(log.append(records));
    wait_until_durable(log, 2);
    {
        // Behind the segment's start and the life come the two.
        std::fstream segment(place.path() / segment_name(1), std::ios::in | std::ios::out);
        segment.seekp(3 * block_bytes + 700);
        segment.put('U');
        REQUIRE(segment.flush().good());
    }
    const std::vector<Sequence> wanted{2};
    const Result<std::size_t> read = log.read(wanted, [](const Record&, Sequence) { FAIL(); });
    REQUIRE_FALSE(read);
    CHECK(read.error().code == ErrorCode::malformed);
    CHECK(read.error().message.find("segment-") != std::string::npos);
}

TEST_CASE("rule 18: when the disk fails, nothing more is durable and the broker is told") {
    const std::vector<Record> one{accepted(1)};
    Disk whole;
    {
        FirstLife life(whole);
        REQUIRE(life.log.append(one));
        wait_until_durable(life.log, 1);
    }
    // The same once more, and the power goes with the write that would follow.
    Disk disk;
    disk.cut_at(whole.operations());
    FirstLife life(disk);
    REQUIRE(life.log.append(one));
    wait_until_durable(life.log, 1);
    Result<void> appended = life.log.append(one);
    if (life.log.wants_flush()) {
        appended = life.log.flush(Flush::here);
    }
    while (appended) {
        pollfd wake{*life.log.wake_descriptor(), POLLIN, 0};
        REQUIRE(::poll(&wake, 1, 60'000) == 1);
        CHECK(life.log.durable() == 1);
        appended = life.log.append(no_records());
    }
    CHECK(appended.error().code == ErrorCode::internal);
}

TEST_CASE("a task without bodies keeps its names") {
    Disk disk;
    const std::string type(40, 't');
    const std::string queue(40, 'q');
    {
        FirstLife life(disk);
        const std::vector<Record> one{TaskAccepted{counted_id(1), type, queue, {}, {}, 1, 1}};
        REQUIRE(life.log.append(one));
        wait_until_durable(life.log, 1);
    }
    SegmentedLog log(disk.folder(), options, {1});
    REQUIRE(log.replay([&](const Record& record, Sequence) {
        // What is allocated now must not land where the names were.
        const std::vector<std::string> noise(100, std::string(100, 'n'));
        CHECK(std::get<TaskAccepted>(record).type == type);
        CHECK(std::get<TaskAccepted>(record).queue == queue);
    }));
}

TEST_CASE("the records of one turn survive together or not at all") {
    const std::vector<Record> large{accepted(1, BatchQueue::batch_bytes + 1), accepted(2),
                                    accepted(3)};
    Disk whole;
    {
        FirstLife life(whole);
        REQUIRE(life.log.append(large));
        wait_until_durable(life.log, large.size());
    }
    // Around the write of these records; what comes behind it gets the next segment ready.
    constexpr std::uint64_t last_ones = 16;
    for (std::uint64_t cut = whole.operations() - last_ones; cut < whole.operations(); cut += 2) {
        Disk disk;
        disk.cut_at(cut);
        {
            SegmentedLog log(disk.folder(), options, {1});
            if (log.replay([](const Record&, Sequence) {}) && log.begin_epoch(at(1))) {
                static_cast<void>(log.append(large));
            }
        }
        disk.restart([](std::size_t) { return true; });
        SegmentedLog log(disk.folder(), options, {1});
        std::size_t found = 0;
        REQUIRE(log.replay([&](const Record&, Sequence) { ++found; }));
        CHECK((found == 0 || found == large.size()));
    }
}

TEST_CASE("without room for the next segment the current one is filled first") {
    Disk disk;
    disk.set_size(options.segment_bytes + 4 * block_bytes);
    FirstLife life(disk);
    const std::vector<Record> one{accepted(1)};
    for (Sequence sequence = 1; sequence <= 100; ++sequence) {
        REQUIRE(life.log.append(one));
        wait_until_durable(life.log, sequence);
    }
}

TEST_CASE("a disk that is nearly full is told of, and one that has room again, too") {
    Disk disk;
    constexpr LogOptions small{std::uint64_t{64} << 10U, std::uint64_t{64} << 10U};
    disk.set_size(4 * small.segment_bytes);
    SegmentedLog log(disk.folder(), small, {1});
    REQUIRE(log.replay([](const Record&, Sequence) {}));
    REQUIRE(log.begin_epoch(at(1)));
    const std::vector<Record> one{accepted(1)};
    const auto wait_until = [&](bool full) {
        while (log.disk().nearly_full != full) {
            pollfd wake{*log.wake_descriptor(), POLLIN, 0};
            REQUIRE(::poll(&wake, 1, 60'000) == 1);
            static_cast<void>(log.durable());
        }
    };
    // Three segments, one of them the reserve's, and no room for another spare.
    constexpr Sequence per_segment = small.segment_bytes / block_bytes - 1;
    Sequence sequence = 0;
    while (sequence < 2 * per_segment + 1) {
        REQUIRE(log.append(one));
        wait_until_durable(log, ++sequence);
    }
    wait_until(true);
    log.trim(sequence);
    REQUIRE(log.append(one));
    wait_until(false);
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

TEST_CASE("a backup of a log that is being written has all that was durable when it began") {
    const TemporaryFolder place;
    SegmentedLog log(std::move(*open_folder(place.path())), options, {1});
    REQUIRE(log.replay([](const Record&, Sequence) {}));
    REQUIRE(log.begin_epoch(at(1)));
    std::uint64_t count = 0;
    const auto append = [&](std::size_t records) {
        for (std::size_t i = 0; i < records; ++i) {
            const std::vector<Record> one{accepted(++count, 50'000)};
            REQUIRE(log.append(one));
        }
    };
    append(300);
    wait_until_durable(log, 300);
    append(50);
    Disk copy;
    const auto folder = copy.folder();
    protocol::BackupPlace next;
    std::optional<protocol::BackupPlace> end;
    const auto is_before = [](const protocol::BackupPlace& a, const protocol::BackupPlace& b) {
        return std::tie(a.file, a.offset) < std::tie(b.file, b.offset);
    };
    while (!end || is_before(next, *end)) {
        const auto part = log.read_for_backup(next);
        REQUIRE(part);
        end = end ? end : part->end;
        const std::string name = part->at.file.substr(part->at.file.find('/') + 1);
        const auto file = part->at.offset == 0 ? folder->create(name) : folder->open(name);
        REQUIRE((*file)->write(part->file_bytes - 1, as_byte_view(std::string_view("", 1))));
        REQUIRE((*file)->write(part->at.offset, part->bytes.view()));
        next = part->next;
        append(5);
    }
    Sequence last = 0;
    REQUIRE(read_log(*folder, [&](const RawRecord& raw, const Place&) { last = raw.sequence; }));
    CHECK(last >= 300);
}

}  // namespace penstock::broker
