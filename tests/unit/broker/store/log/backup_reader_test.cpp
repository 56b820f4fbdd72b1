// A copy that is made piece by piece is a journal, whatever is written and trimmed meanwhile.
#include "broker/store/log/backup_reader.hpp"

#include <map>
#include <utility>

#include "tests/support/catch.hpp"
#include "tests/unit/broker/store/log/sample_log.hpp"

namespace penstock::broker {
namespace {

using protocol::BackupPart;
using protocol::BackupPlace;
using simulation::Disk;

// Long enough for several pieces each.
constexpr LogOptions large_segments{std::uint64_t{3} << 20U};

LogExtent extent_of(const SampleLog& log) {
    const LogState& state = log.state();
    return {state.segments.front().number, state.segments.back().number,
            std::uint64_t{state.next_sector} * sector_bytes};
}

Result<BackupPart> ask(Disk& disk, const SampleLog& log, const BackupPlace& from) {
    const auto folder = disk.folder();
    return read_backup_part(*folder, extent_of(log), log.bodies(), from);
}

// As docs/PROTOCOL.md tells a client to do it.
class Copying {
  public:
    // False: all is there.
    bool step(Disk& disk, const SampleLog& log) {
        const Result<BackupPart> part = ask(disk, log, next_);
        REQUIRE(part);
        if (part->at != next_) {
            restarts_ += next_.file.empty() ? 0 : 1;
            files_.clear();
            target_ = part->end;
        }
        std::vector<std::byte>& file = files_[part->at.file];
        file.resize(part->file_bytes);
        const bool is_last = part->at.file == target_.file;
        const std::uint64_t end =
            std::min(part->at.offset + part->bytes.size(),
                     is_last ? target_.offset : std::numeric_limits<std::uint64_t>::max());
        std::copy_n(part->bytes.view().begin(), end - part->at.offset,
                    file.begin() + static_cast<std::ptrdiff_t>(part->at.offset));
        next_ = part->next;
        return !is_last || end < target_.offset;
    }

    // The copy as a disk of its own.
    [[nodiscard]] Disk result() const {
        Disk copy;
        const auto folder = copy.folder();
        for (const auto& [name, bytes] : files_) {
            const auto file = folder->create(name.substr(name.find('/') + 1));
            REQUIRE((*file)->write(0, bytes));
        }
        return copy;
    }
    [[nodiscard]] int restarts() const { return restarts_; }

  private:
    std::map<std::string, std::vector<std::byte>> files_;
    BackupPlace next_;
    BackupPlace target_;
    int restarts_ = 0;
};

void write_segments(SampleLog& log, std::size_t count) {
    const std::uint64_t until = log.state().segments.back().number + count;
    while (log.state().segments.back().number < until) {
        REQUIRE(log.write(200));
    }
}

}  // namespace

TEST_CASE("a copy of a journal at rest is that journal") {
    Disk disk;
    SampleLog log(disk, large_segments);
    REQUIRE(log.write(100));
    write_segments(log, 2);
    Copying copying;
    while (copying.step(disk, log)) {
    }
    Disk result = copying.result();
    const SampleLog copy(result, large_segments);
    REQUIRE(copy.ok());
    CHECK(copy.first_found() == 1);
    CHECK(copy.found() == SampleLog(disk, large_segments).found());
}

TEST_CASE("a copy ends where the journal stood when it began, however much is written meanwhile") {
    Disk disk;
    SampleLog log(disk, large_segments);
    REQUIRE(log.write(100));
    write_segments(log, 1);
    const Sequence written = log.written();
    Copying copying;
    while (copying.step(disk, log)) {
        REQUIRE(log.write(300));
    }
    Disk result = copying.result();
    const SampleLog copy(result, large_segments);
    REQUIRE(copy.ok());
    CHECK_FALSE(copy.torn());
    CHECK(copy.written() == written);
    CHECK(log.written() > written);
}

TEST_CASE("a batch that is being written is not copied") {
    Disk disk;
    SampleLog log(disk, large_segments);
    REQUIRE(log.write(100));
    const LogExtent extent = extent_of(log);
    REQUIRE(log.write(100));
    const auto part = read_backup_part(*disk.folder(), extent, log.bodies(), {});
    REQUIRE(part);
    CHECK(part->bytes.size() == extent.end_bytes);
    CHECK(part->end == BackupPlace{"journal/" + segment_name(1), extent.end_bytes});
    CHECK(part->next == part->end);
}

TEST_CASE(
    "when what is next has been trimmed, the copy goes on behind it and loses nothing needed") {
    Disk disk;
    SampleLog log(disk, large_segments);
    REQUIRE(log.write(100));
    write_segments(log, 3);
    Copying copying;
    for (int pieces = 0; pieces < 4; ++pieces) {
        REQUIRE(copying.step(disk, log));
    }
    // The first segment is copied, the second in part; both go, and the third.
    const Sequence trimmed = log.state().segments[2].last_sequence;
    REQUIRE(log.write(1));
    REQUIRE(log.trim(trimmed));
    const Sequence durable = log.written();
    while (copying.step(disk, log)) {
        REQUIRE(log.write(10));
    }
    CHECK(copying.restarts() == 1);
    Disk result = copying.result();
    const SampleLog copy(result, large_segments);
    REQUIRE(copy.ok());
    CHECK(copy.first_found() == trimmed + 1);
    // What was written again before the trimming is there.
    CHECK(copy.written() == durable);
}

TEST_CASE(
    "a copy has every body that its records name, whatever is written and trimmed meanwhile") {
    Disk disk;
    SampleLog log(disk, large_segments, Bodies::of_every_third);
    REQUIRE(log.write(100));
    write_segments(log, 2);
    Copying copying;
    for (int pieces = 0; pieces < 400; ++pieces) {
        REQUIRE(copying.step(disk, log));
    }
    REQUIRE(log.trim(log.state().segments.front().last_sequence));
    const Sequence durable = log.written();
    while (copying.step(disk, log)) {
        REQUIRE(log.write(1));
    }
    CHECK(copying.restarts() == 1);
    Disk result = copying.result();
    const SampleLog copy(result, large_segments, Bodies::of_every_third);
    REQUIRE(copy.ok());
    CHECK(copy.first_found() > 1);
    CHECK(copy.written() == durable);
}

TEST_CASE("a segment that goes while the last one is known to be there is passed over") {
    Disk disk;
    SampleLog log(disk, large_segments);
    REQUIRE(log.write(100));
    write_segments(log, 2);
    const LogExtent before = extent_of(log);
    REQUIRE(log.trim(log.written()));
    const auto part = read_backup_part(*disk.folder(), before, log.bodies(), {});
    REQUIRE(part);
    CHECK(part->at == BackupPlace{"journal/" + segment_name(before.last), 0});
}

TEST_CASE("a piece has at most a mebibyte, and the next one begins where it ends") {
    Disk disk;
    SampleLog log(disk, large_segments);
    REQUIRE(log.write(100));
    write_segments(log, 1);
    const auto first = ask(disk, log, {});
    REQUIRE(first);
    CHECK(first->bytes.size() == protocol::backup_part_bytes_max);
    CHECK(first->file_bytes == large_segments.segment_bytes);
    CHECK(first->next == BackupPlace{"journal/" + segment_name(1), 1U << 20U});
    const auto last = ask(disk, log, {"journal/" + segment_name(1), 2U << 20U});
    REQUIRE(last);
    CHECK(last->next == BackupPlace{"journal/" + segment_name(2), 0});
}

TEST_CASE("places that no backup of this journal has are refused") {
    Disk disk;
    SampleLog log(disk, large_segments);
    REQUIRE(log.write(100));
    const auto code = [&](const BackupPlace& from) { return ask(disk, log, from).error().code; };
    CHECK(code({"journal/spare", 0}) == ErrorCode::malformed);
    CHECK(code({segment_name(1), 0}) == ErrorCode::malformed);
    CHECK(code({"journal/../lock", 0}) == ErrorCode::malformed);
    CHECK(code({"journal/" + segment_name(2), 0}) == ErrorCode::conflict);
    CHECK(code({"journal/" + segment_name(1), 1U << 30U}) == ErrorCode::conflict);
}

}  // namespace penstock::broker
