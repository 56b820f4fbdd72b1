// Whatever happens to a journal at rest, it is either refused with the place named, or nothing of
// it is lost.
#include <cstdlib>

#include "tests/support/catch.hpp"
#include "tests/unit/broker/store/log/sample_log.hpp"

namespace penstock::broker {
namespace {

using Catch::Matchers::ContainsSubstring;
using simulation::Disk;

// The format's size in the long form is a megabyte; in the short form every byte of 64 KiB.
std::uint64_t journal_bytes() {
    constexpr std::uint64_t short_form = 64 << 10U;
    constexpr std::uint64_t long_form = 1 << 20U;
    return std::getenv("PENSTOCK_TEST_LONG") != nullptr ? long_form : short_form;
}

// A journal of three segments, the last one half full.
void fill(Disk& disk) {
    const LogOptions options{journal_bytes() / 3 / block_bytes * block_bytes};
    SampleLog log(disk, options);
    while (log.state().segments.size() < 3 ||
           log.state().next_sector < options.segment_bytes / sector_bytes / 2) {
        REQUIRE(log.write(1 + log.written() % 4));
    }
}

std::vector<std::string> segments(const Disk& disk) {
    std::vector<std::string> names;
    for (const auto& [name, content] : disk.names()) {
        names.push_back(name);
    }
    return names;
}

}  // namespace

TEST_CASE("a flipped byte anywhere is refused, with its segment named") {
    Disk disk;
    fill(disk);
    const std::size_t stride = 1;
    for (const std::string& name : segments(disk)) {
        std::vector<std::byte>& bytes = disk.bytes_of(name);
        for (std::size_t at = 0; at < bytes.size(); at += stride) {
            bytes[at] ^= std::byte{0x10};
            const auto folder = disk.folder();
            const auto state = read_log(*folder, [](const RawRecord&, const Place&) {});
            REQUIRE_FALSE(state);
            REQUIRE_THAT(state.error().message, ContainsSubstring(name));
            bytes[at] ^= std::byte{0x10};
        }
    }
    CHECK(SampleLog(disk).ok());
}

TEST_CASE("a segment of any shorter length is refused") {
    Disk disk;
    fill(disk);
    for (const std::string& name : segments(disk)) {
        const std::vector<std::byte> whole = disk.bytes_of(name);
        std::vector<std::byte>& bytes = disk.bytes_of(name);
        while (!bytes.empty()) {
            bytes.pop_back();
            const auto folder = disk.folder();
            const auto state = read_log(*folder, [](const RawRecord&, const Place&) {});
            REQUIRE_FALSE(state);
            REQUIRE_THAT(state.error().message, ContainsSubstring(name));
        }
        bytes = whole;
    }
}

TEST_CASE("a lost sector is damage, unless it may be of the last batch") {
    Disk disk;
    fill(disk);
    const SampleLog before(disk);
    const LogState& state = before.state();
    const SectorRange last = state.last_batch;
    for (const KnownSegment& segment : state.segments) {
        std::vector<std::byte>& bytes = disk.bytes_of(segment_name(segment.number));
        for (std::uint32_t sector = 0; sector < bytes.size() / sector_bytes; ++sector) {
            const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(sector * sector_bytes);
            const std::vector<std::byte> whole(begin, begin + sector_bytes);
            std::fill(begin, begin + sector_bytes, std::byte{0});
            const bool was_empty = std::equal(whole.begin(), whole.end(), begin);
            const bool of_last = segment == state.segments.back() && sector >= last.first &&
                                 sector < last.first + last.count;
            const auto folder = disk.folder();
            const auto read = read_log(*folder, [](const RawRecord&, const Place&) {});
            CAPTURE(segment.number, sector);
            REQUIRE(read.has_value() == (was_empty || of_last));
            // Of a batch of one sector nothing is left, not even a trace of a tear.
            REQUIRE((read && read->torn) == (of_last && last.count > 1));
            std::copy(whole.begin(), whole.end(), begin);
        }
    }
}

TEST_CASE("a batch that is missing before the end of a segment is damage") {
    Disk disk;
    fill(disk);
    const std::string first = segments(disk).front();
    std::vector<std::byte>& bytes = disk.bytes_of(first);
    // All blocks from the back on, until one held something: its last batch, or the end of it.
    const std::vector<std::byte> zeros(block_bytes);
    auto block = bytes.end() - block_bytes;
    while (std::equal(zeros.begin(), zeros.end(), block)) {
        block -= block_bytes;
    }
    const auto folder = disk.folder();
    REQUIRE(read_log(*folder, [](const RawRecord&, const Place&) {}));
    std::copy(zeros.begin(), zeros.end(), block);
    CHECK_FALSE(read_log(*folder, [](const RawRecord&, const Place&) {}));
}

TEST_CASE("segments that are missing, misnamed, exchanged or of another journal are refused") {
    Disk disk;
    fill(disk);
    Disk other;
    fill(other);
    const std::vector<std::string> names = segments(disk);
    const auto refused = [](Disk changed) {
        const auto folder = changed.folder();
        return !read_log(*folder, [](const RawRecord&, const Place&) {}).has_value();
    };
    Disk missing = disk.copy();
    REQUIRE(missing.folder()->remove(names[1]));
    CHECK(refused(std::move(missing)));

    Disk misnamed = disk.copy();
    REQUIRE(misnamed.folder()->rename(names[0], segment_name(9)));
    CHECK(refused(std::move(misnamed)));

    Disk exchanged = disk.copy();
    std::swap(exchanged.bytes_of(names[0]), exchanged.bytes_of(names[1]));
    CHECK(refused(std::move(exchanged)));

    // The same sectors at other places.
    Disk moved = disk.copy();
    std::vector<std::byte>& bytes = moved.bytes_of(names[0]);
    std::swap_ranges(bytes.begin() + block_bytes, bytes.begin() + 2 * block_bytes,
                     bytes.begin() + 2 * block_bytes);
    CHECK(refused(std::move(moved)));
}

TEST_CASE("other files in the folder are left alone") {
    Disk disk;
    fill(disk);
    REQUIRE(disk.folder()->create("README"));
    SampleLog log(disk);
    CHECK(log.ok());
    CHECK(log.write(1));
    CHECK(disk.names().count("README") == 1);
}

}  // namespace penstock::broker
