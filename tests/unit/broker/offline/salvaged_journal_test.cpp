#include "broker/offline/salvaged_journal.hpp"

#include "tests/unit/broker/offline/offline_fixture.hpp"

namespace penstock::broker::offline {
namespace {

struct Salvaged {
    std::vector<Sequence> sequences;
    SalvageReport report;

    explicit Salvaged(const DataFolder& data) {
        const auto journal = open_journal_of(data.path());
        REQUIRE(journal);
        auto damaged = SalvagedJournal::open(*journal);
        REQUIRE(damaged);
        report = damaged->read(
            [this](Sequence sequence, const Record&) { sequences.push_back(sequence); });
    }
};

// Two small segments, one batch of one record to each block.
void fill(const DataFolder& data) {
    std::vector<std::vector<Record>> batches;
    for (std::uint8_t number = 1; number <= 20; ++number) {
        batches.push_back({accepted(number)});
    }
    data.live(batches);
    REQUIRE(std::filesystem::exists(data.segment(2)));
    REQUIRE_FALSE(std::filesystem::exists(data.segment(3)));
}

std::vector<Sequence> all_but(std::vector<Sequence> missing) {
    std::vector<Sequence> sequences;
    for (Sequence sequence = 1; sequence <= 20; ++sequence) {
        if (std::ranges::count(missing, sequence) == 0) {
            sequences.push_back(sequence);
        }
    }
    return sequences;
}

// Of the batch with that record: the start, the life, then the records.
constexpr std::uint64_t block_of(Sequence sequence) {
    return (sequence + 1) * 4096;
}

TEST_CASE("of a sound journal nothing is missing") {
    const DataFolder data;
    fill(data);
    const Salvaged found(data);
    CHECK(found.sequences == all_but({}));
    CHECK(found.report.lost.empty());
    CHECK(found.report.missing.empty());
    CHECK_FALSE(found.report.end_is_unknown);
    CHECK(found.report.last == 20);
    CHECK(found.report.epoch.value == 1'795'800'064'003'000);
}

TEST_CASE("records that are spoilt are missing by number, and their bytes named") {
    const DataFolder data;
    fill(data);
    data.spoil(1, block_of(3) + 100);
    data.spoil(1, block_of(4) + 100);
    data.spoil(1, block_of(7) + 100);
    const Salvaged found(data);
    CHECK(found.sequences == all_but({3, 4, 7}));
    CHECK(found.report.missing == std::vector<MissingRecords>{{3, 4}, {7, 7}});
    REQUIRE(found.report.lost.size() == 3);
    CHECK(found.report.lost[0].file == segment_name(1));
    CHECK(found.report.lost[0].range.offset_bytes == block_of(3));
    CHECK_FALSE(found.report.end_is_unknown);
}

TEST_CASE("a task whose large body is spoilt is missing, and the file named") {
    const DataFolder data;
    data.live({{accepted(1)}, {large(2)}, {large(3)}});
    DataFolder::spoil(data.body({1, 2}), 1'000);
    const Salvaged found(data);
    CHECK(found.sequences == std::vector<Sequence>{1, 3});
    CHECK(found.report.missing == std::vector<MissingRecords>{{2, 2}});
    REQUIRE(found.report.lost.size() == 1);
    CHECK(found.report.lost.front().file == body_file_name({1, 2}));
    // The last one, too, though nothing behind it tells of it.
    DataFolder::spoil(data.body({2, 3}), 1'000);
    const Salvaged less(data);
    CHECK(less.report.missing == std::vector<MissingRecords>{{2, 2}, {3, 3}});
    CHECK(less.report.last == 3);
}

TEST_CASE("what is lost at the end of a segment is known by the start of the next") {
    const DataFolder data;
    fill(data);
    const Salvaged whole(data);
    // The last block of the first segment.
    const Sequence last = 14;
    data.spoil(1, block_of(last) + 100);
    const Salvaged found(data);
    CHECK(found.report.missing == std::vector<MissingRecords>{{last, last}});
    CHECK(found.sequences == all_but({last}));
}

TEST_CASE("what is lost at the end of all cannot be known, and that is said") {
    const DataFolder data;
    fill(data);
    // Records 15 to 20 stand behind the start of the second segment.
    data.spoil(2, 4096 + 5 * 4096 + 100);
    const Salvaged found(data);
    CHECK(found.sequences == all_but({20}));
    CHECK(found.report.end_is_unknown);
    CHECK(found.report.last == 19);
}

TEST_CASE("a segment whose start is spoilt is read all the same") {
    const DataFolder data;
    fill(data);
    data.spoil(1, 40);
    data.spoil(2, 100);
    const Salvaged found(data);
    CHECK(found.sequences == all_but({}));
    CHECK(found.report.missing.empty());
    CHECK(found.report.lost.size() == 2);
}

TEST_CASE("a segment that is gone, misnamed or there twice costs only itself") {
    const DataFolder data;
    fill(data);
    std::filesystem::copy_file(data.segment(2), data.segment(9));
    CHECK(Salvaged(data).sequences == all_but({}));
    std::filesystem::remove(data.segment(9));
    std::filesystem::rename(data.segment(1), data.segment(5));
    CHECK(Salvaged(data).sequences == all_but({}));
    std::filesystem::remove(data.segment(2));
    const Salvaged found(data);
    CHECK(found.sequences.size() == 14);
}

TEST_CASE("the first segment being gone looks like a journal that has been trimmed") {
    const DataFolder data;
    fill(data);
    std::filesystem::remove(data.segment(1));
    const Salvaged found(data);
    CHECK(found.sequences.front() == 15);
    CHECK(found.report.missing.empty());
}

}  // namespace
}  // namespace penstock::broker::offline
