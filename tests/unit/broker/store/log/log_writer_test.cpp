#include "broker/store/log/log_writer.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/broker/store/log/sample_log.hpp"

namespace penstock::broker {
namespace {

using simulation::Disk;

std::size_t segments_on(const Disk& disk) {
    std::size_t count = 0;
    for (const auto& [name, content] : disk.names()) {
        count += segment_number(name) ? 1U : 0U;
    }
    return count;
}

}  // namespace

TEST_CASE("an empty folder is an empty journal") {
    Disk disk;
    const SampleLog log(disk);
    CHECK(log.ok());
    CHECK(log.found().empty());
    CHECK(disk.names().empty());
}

TEST_CASE("another life finds what was written, in order, over any number of segments") {
    Disk disk;
    for (std::size_t life = 0; life < 10; ++life) {
        SampleLog log(disk);
        REQUIRE(log.ok());
        REQUIRE(log.found().size() == life * 6);
        for (std::size_t i = 0; i < log.found().size(); ++i) {
            REQUIRE(log.found()[i] == sample_content(i + 1));
        }
        REQUIRE((log.write(1) && log.write(2) && log.write(3)));
    }
    CHECK(segments_on(disk) > 5);
}

TEST_CASE("the last epoch is found, whether its record or only a later segment is left") {
    Disk disk;
    {
        SampleLog log(disk);
        REQUIRE((log.begin_life(41) && log.write(3)));
        CHECK(SampleLog(disk).state().epoch == Epoch{41});
        while (log.state().segments.size() < 3) {
            REQUIRE(log.write(3));
        }
        REQUIRE(log.trim(log.written()));
    }
    CHECK(SampleLog(disk).state().epoch == Epoch{41});
}

TEST_CASE("only segments whose records are all behind the mark are removed, and never the last") {
    Disk disk;
    SampleLog log(disk);
    while (log.state().segments.size() < 4) {
        REQUIRE(log.write(2));
    }
    const Sequence first_end = log.state().segments.front().last_sequence;
    REQUIRE(log.trim(first_end - 1));
    CHECK(segments_on(disk) == 4);
    REQUIRE(log.trim(first_end));
    CHECK(segments_on(disk) == 3);
    CHECK(SampleLog(disk).first_found() == first_end + 1);
    REQUIRE(log.trim(log.written()));
    CHECK(segments_on(disk) == 1);
}

TEST_CASE("a segment got ready in advance is the one that is used") {
    Disk disk;
    const auto folder = disk.folder();
    LogWriter writer(*folder, small_segments, {}, sample_journal);
    REQUIRE(writer.prepare());
    const std::uint64_t before = disk.operations();
    REQUIRE(writer.prepare());
    CHECK(disk.operations() == before);
    Batch batch(writer.state().position);
    batch.add(RecordKind::task_accepted, 1, as_byte_view("x"));
    REQUIRE(writer.write(batch));
    CHECK(disk.names().size() == 1);
    CHECK(segments_on(disk) == 1);
}

TEST_CASE("a batch may fill a segment to its last byte") {
    Disk disk;
    SampleLog log(disk);
    const auto folder = disk.folder();
    LogWriter writer(*folder, small_segments, {}, sample_journal);
    Batch batch(writer.state().position);
    const std::size_t sectors = (small_segments.segment_bytes - block_bytes) / sector_bytes;
    const std::string content(sectors * sector_room_bytes - frame_head_bytes, 'x');
    batch.add(RecordKind::task_accepted, 1, as_byte_view(content));
    REQUIRE(batch.size_bytes() == small_segments.segment_bytes - block_bytes);
    REQUIRE(writer.write(batch));
    SampleLog next(disk);
    REQUIRE(next.found() == std::vector<std::string>{content});
    CHECK(next.state().segments.size() == 1);
    CHECK(next.write(1));
}

TEST_CASE("a batch that no segment has room for gets one of its own size") {
    Disk disk;
    const auto folder = disk.folder();
    LogWriter writer(*folder, small_segments, {}, sample_journal);
    REQUIRE(writer.prepare());
    const std::string content(10 * small_segments.segment_bytes, 'x');
    Batch batch(writer.state().position);
    batch.add(RecordKind::task_accepted, 1, as_byte_view(content));
    REQUIRE(writer.write(batch));
    SampleLog next(disk);
    REQUIRE(next.found() == std::vector<std::string>{content});
    REQUIRE((next.write(1) && next.write(1)));
    CHECK(next.state().segments.size() == 2);
    CHECK(SampleLog(disk).found().size() == 3);
}

namespace {

// Writes a block. False: there is no room.
bool write_block(LogWriter& writer) {
    Batch batch(writer.state().position);
    batch.add(RecordKind::task_accepted, writer.state().position.last_sequence + 1,
              as_byte_view("x"));
    return writer.write(batch).has_value();
}

}  // namespace

TEST_CASE("on a full disk the journal goes on in the room of its reserve, and not beyond") {
    Disk disk;
    const auto folder = disk.folder();
    constexpr std::uint64_t segment = small_segments.segment_bytes;
    constexpr std::size_t blocks_per_segment = segment / block_bytes - 1;
    disk.set_size(5 * segment + block_bytes);
    LogWriter writer(*folder, {segment, 2 * segment}, {}, sample_journal);
    std::size_t blocks = 0;
    while (writer.prepare()) {
        REQUIRE(write_block(writer));
        ++blocks;
    }
    // Two segments are full, the third has begun; the other two are the reserve's.
    CHECK(blocks == 2 * blocks_per_segment + 1);
    CHECK(disk.names().contains("reserve"));
    while (write_block(writer)) {
        ++blocks;
    }
    CHECK(blocks == 5 * blocks_per_segment);
    CHECK_FALSE(disk.names().contains("reserve"));
    SampleLog next(disk);
    REQUIRE(next.ok());
    CHECK(next.found().size() == blocks);
}

TEST_CASE("a segment gets its name on a full disk, in the room of the reserve") {
    Disk disk;
    const auto folder = disk.folder();
    constexpr std::uint64_t segment = small_segments.segment_bytes;
    LogWriter writer(*folder, {segment, 2 * segment}, {}, sample_journal);
    REQUIRE(writer.prepare());
    disk.set_size(disk.used_bytes());
    constexpr std::size_t blocks_per_segment = segment / block_bytes - 1;
    for (std::size_t block = 0; block < 2 * blocks_per_segment; ++block) {
        REQUIRE(write_block(writer));
    }
    CHECK_FALSE(disk.names().contains("reserve"));
    SampleLog next(disk);
    REQUIRE(next.ok());
    CHECK(next.found().size() == 2 * blocks_per_segment);
}

TEST_CASE("the reserve is made again when there is room, and kept from life to life") {
    Disk disk;
    const auto folder = disk.folder();
    constexpr std::uint64_t segment = small_segments.segment_bytes;
    disk.set_size(5 * segment + block_bytes);
    LogWriter writer(*folder, {segment, 2 * segment}, {}, sample_journal);
    while (writer.prepare()) {
        REQUIRE(write_block(writer));
    }
    while (disk.names().contains("reserve")) {
        REQUIRE(write_block(writer));
    }
    REQUIRE(writer.trim(writer.state().position.last_sequence));
    REQUIRE(writer.prepare());
    REQUIRE(disk.names().contains("reserve"));
    LogWriter later(*folder, {segment, 2 * segment}, writer.state(), sample_journal);
    REQUIRE(later.recover());
    const std::uint64_t before = disk.operations();
    REQUIRE(later.prepare());
    // Only the spare is made anew: create, allocate, zeros, sync.
    CHECK(disk.operations() == before + 4);
}

}  // namespace penstock::broker
