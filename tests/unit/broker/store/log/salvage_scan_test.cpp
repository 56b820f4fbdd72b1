// Of a damaged segment everything is found that stands, and what does not is named.
#include "broker/store/log/salvage_scan.hpp"

#include <algorithm>

#include "tests/support/catch.hpp"
#include "tests/unit/broker/store/log/sample_log.hpp"

namespace penstock::broker {
namespace {

using simulation::Disk;

constexpr LogOptions one_segment{64 * block_bytes};
constexpr SegmentName first_segment{sample_journal, 1};

// A segment with batches of one to four records, and where each of these stands.
struct Sample {
    std::vector<std::byte> bytes;
    struct Batch {
        SectorRange range;
        Sequence first = 0;
        Sequence last = 0;
    };
    std::vector<Batch> batches;

    Sample() {
        Disk disk;
        SampleLog log(disk, one_segment);
        while (log.state().segments.empty() || log.state().next_sector < 400) {
            const Sequence before = log.written();
            REQUIRE(log.write(1 + before % 4));
            batches.push_back({log.state().last_batch, before + 1, log.written()});
        }
        bytes = disk.bytes_of(segment_name(1));
    }

    void spoil(std::uint32_t sector) {
        bytes.at(std::size_t{sector} * sector_bytes + 100) ^= std::byte{1};
    }
};

struct Found {
    std::vector<Sequence> sequences;
    std::vector<LostRange> lost;

    explicit Found(ByteView bytes)
        : lost(salvage_segment(bytes, first_segment, [this](const RawRecord& raw, const Place&) {
              REQUIRE(as_text(raw.content) == sample_content(raw.sequence));
              sequences.push_back(raw.sequence);
          })) {}
};

std::vector<Sequence> all_but(const Sample& sample, const Sample::Batch& missing, Sequence from) {
    std::vector<Sequence> sequences;
    for (Sequence sequence = 1; sequence <= sample.batches.back().last; ++sequence) {
        if (sequence < from || sequence > missing.last) {
            sequences.push_back(sequence);
        }
    }
    return sequences;
}

}  // namespace

TEST_CASE("of a sound segment everything is found, and nothing is lost") {
    const Sample sample;
    const Found found(sample.bytes);
    CHECK(found.sequences.size() == sample.batches.back().last);
    CHECK(found.lost.empty());
}

TEST_CASE("with any one sector spoilt, only records of its own batch are missing") {
    const Sample sample;
    for (const Sample::Batch& batch : sample.batches) {
        for (std::uint32_t i = 0; i < batch.range.count; ++i) {
            Sample spoilt = sample;
            spoilt.spoil(batch.range.first + i);
            const Found found(spoilt.bytes);
            CAPTURE(batch.range.first, i);
            REQUIRE_FALSE(found.lost.empty());
            // Those before the sector in its batch are there: a batch without its first is gone.
            const auto kept = std::ranges::count_if(found.sequences, [&](Sequence sequence) {
                return sequence >= batch.first && sequence <= batch.last;
            });
            const auto from = batch.first + static_cast<Sequence>(kept);
            REQUIRE(from <= batch.last);
            REQUIRE((i > 0 || kept == 0));
            REQUIRE(found.sequences == all_but(sample, batch, from));
        }
    }
}

TEST_CASE("records of a batch before its spoilt sector are kept") {
    const Sample sample;
    const auto long_one = std::ranges::find_if(sample.batches, [](const Sample::Batch& batch) {
        return batch.last > batch.first && batch.range.count > 2;
    });
    REQUIRE(long_one != sample.batches.end());
    Sample spoilt = sample;
    spoilt.spoil(long_one->range.first + long_one->range.count - 1);
    const Found found(spoilt.bytes);
    CHECK(std::ranges::count(found.sequences, long_one->first) == 1);
    CHECK(std::ranges::count(found.sequences, long_one->last) == 0);
    CHECK(std::ranges::count(found.sequences, long_one->last + 1) == 1);
}

TEST_CASE("lost ranges name the bytes, neighbours together") {
    const Sample sample;
    Sample spoilt = sample;
    const auto batch = std::ranges::find_if(
        sample.batches, [](const Sample::Batch& one) { return one.range.count >= 2; });
    REQUIRE(batch != sample.batches.end());
    for (std::uint32_t i = 0; i < batch->range.count; ++i) {
        spoilt.spoil(batch->range.first + i);
    }
    const Found found(spoilt.bytes);
    REQUIRE(found.lost.size() == 1);
    CHECK(found.lost.front().offset_bytes == std::uint64_t{batch->range.first} * sector_bytes);
    CHECK(found.lost.front().bytes == std::uint64_t{batch->range.count} * sector_bytes);
}

TEST_CASE("a segment without its start, or its end, gives what is left") {
    const Sample sample;
    Sample headless = sample;
    std::fill_n(headless.bytes.begin(), block_bytes, std::byte{0xFF});
    CHECK(Found(headless.bytes).sequences.size() == sample.batches.back().last);

    const Sample::Batch& middle = sample.batches[sample.batches.size() / 2];
    const std::size_t cut = std::size_t{middle.range.first + middle.range.count} * sector_bytes;
    CHECK(Found(ByteView(sample.bytes).first(cut)).sequences.back() == middle.last);
    const Found shorter(ByteView(sample.bytes).first(cut - 1));
    CHECK(shorter.sequences.back() < middle.last);
    CHECK_FALSE(shorter.lost.empty());
    CHECK(Found(ByteView(sample.bytes).first(7)).sequences.empty());
}

TEST_CASE("sectors of another journal or segment are not taken for this one's") {
    const Sample sample;
    CHECK(holds_sectors_of(sample.bytes, first_segment));
    CHECK_FALSE(holds_sectors_of(sample.bytes, {sample_journal, 2}));
    CHECK_FALSE(holds_sectors_of(sample.bytes, {JournalId{1}, 1}));
    const auto lost = salvage_segment(sample.bytes, {sample_journal, 2},
                                      [](const RawRecord&, const Place&) { FAIL(); });
    CHECK_FALSE(lost.empty());
}

}  // namespace penstock::broker
