// What every journal promises. A new implementation adds its name to the list of types, and a
// specialisation of Fresh if its constructor wants something.
#include <memory>
#include <optional>
#include <poll.h>
#include <string>
#include <vector>

#include "broker/store/memory_journal.hpp"
#include "broker/store/segmented_log.hpp"
#include "tests/simulation/disk.hpp"
#include "tests/support/catch.hpp"

namespace penstock::broker {
namespace {

// Makes an empty journal.
template <typename Kind>
struct Fresh {
    std::unique_ptr<Journal> journal = std::make_unique<Kind>();
};

template <>
struct Fresh<SegmentedLog> {
    simulation::Disk disk;
    std::unique_ptr<Journal> journal = std::make_unique<SegmentedLog>(
        disk.folder(), LogOptions{std::uint64_t{1} << 20U}, JournalId{1});
};

// Where its life has begun.
template <typename Kind>
struct Living : Fresh<Kind> {
    Living() {
        REQUIRE(this->journal->replay([](const Record&, Sequence) {}));
        REQUIRE(this->journal->begin_epoch({}));
    }
    // Returns when so many are durable.
    void wait_until_durable(Sequence sequence) {
        REQUIRE(this->journal->flush(Flush::here).has_value());
        while (this->journal->durable() < sequence) {
            const std::optional<int> wakes = this->journal->wake_descriptor();
            REQUIRE(wakes.has_value());
            pollfd wake{*wakes, POLLIN, 0};
            REQUIRE(::poll(&wake, 1, 60'000) == 1);
        }
    }
};

TaskId numbered(std::uint8_t number) {
    TaskId id;
    id.bytes[15] = number;
    return id;
}

std::vector<Record> one_of_each() {
    TaskResult result;
    result.id = numbered(1);
    return {TaskAccepted{numbered(1), "sum", "default", {}, {}, 5},
            AttemptFailed{numbered(1), 1, 1, 0, 2}, CancelRequested{numbered(1)},
            TaskFinished{result, 9}};
}

std::size_t replayed(Journal& journal) {
    std::size_t count = 0;
    REQUIRE(journal.replay([&](const Record&, Sequence) { ++count; }).has_value());
    return count;
}

}  // namespace

TEMPLATE_TEST_CASE("an empty journal has nothing to tell", "", MemoryJournal, SegmentedLog) {
    Fresh<TestType> fresh;
    CHECK(replayed(*fresh.journal) == 0);
    CHECK(fresh.journal->durable() == 0);
}

TEMPLATE_TEST_CASE("every life of the broker has a greater epoch", "", MemoryJournal,
                   SegmentedLog) {
    Fresh<TestType> former;
    Fresh<TestType> later;
    Instant now;
    now.unix_ms = 1'700'000'000'000;
    REQUIRE(replayed(*former.journal) == 0);
    REQUIRE(replayed(*later.journal) == 0);
    const auto before = former.journal->begin_epoch(now);
    now.unix_ms += 1;
    const auto after = later.journal->begin_epoch(now);
    REQUIRE((before && after));
    CHECK(after->value > before->value);
}

TEMPLATE_TEST_CASE("sequence numbers count every record, from 1", "", MemoryJournal, SegmentedLog) {
    Living<TestType> living;
    const std::vector<Record> records = one_of_each();
    REQUIRE(living.journal->append(records).has_value());
    REQUIRE(living.journal->append({}).has_value());
    REQUIRE(living.journal->append(std::span(records).first(1)).has_value());
    living.wait_until_durable(records.size() + 1);
    CHECK(living.journal->durable() == records.size() + 1);
}

TEMPLATE_TEST_CASE("what is durable never becomes less", "", MemoryJournal, SegmentedLog) {
    Living<TestType> living;
    const std::vector<Record> records = one_of_each();
    Sequence before = 0;
    for (int n = 0; n < 100; ++n) {
        REQUIRE(living.journal->append(records).has_value());
        const Sequence now = living.journal->durable();
        CHECK(now >= before);
        before = now;
        living.journal->trim(now / 2);
        CHECK(living.journal->durable() >= now);
    }
    living.wait_until_durable(100 * records.size());
}

TEMPLATE_TEST_CASE("a journal names one of the levels that can be asked for", "", MemoryJournal,
                   SegmentedLog) {
    Fresh<TestType> fresh;
    CHECK(durability_from_number(static_cast<std::uint64_t>(fresh.journal->level())).has_value());
}

TEST_CASE("the journal in memory is as durable as memory, at once") {
    MemoryJournal journal;
    CHECK(journal.level() == Durability::memory);
    const std::vector<Record> records = one_of_each();
    REQUIRE(journal.append(records).has_value());
    CHECK(journal.durable() == records.size());
}

}  // namespace penstock::broker
