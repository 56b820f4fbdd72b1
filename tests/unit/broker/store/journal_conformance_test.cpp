// What every journal promises. A new implementation adds its name to the list of types, and a
// specialisation of Fresh if its constructor wants something.
#include <memory>
#include <string>
#include <vector>

#include "broker/store/memory_journal.hpp"
#include "tests/support/catch.hpp"

namespace penstock::broker {
namespace {

// Makes an empty journal.
template <typename Kind>
struct Fresh {
    std::unique_ptr<Journal> journal = std::make_unique<Kind>();
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

TEMPLATE_TEST_CASE("an empty journal has nothing to tell", "", MemoryJournal) {
    Fresh<TestType> fresh;
    CHECK(replayed(*fresh.journal) == 0);
    CHECK(fresh.journal->durable() == 0);
}

TEMPLATE_TEST_CASE("every life of the broker has a greater epoch", "", MemoryJournal) {
    Fresh<TestType> former;
    Fresh<TestType> later;
    Instant now;
    now.unix_ms = 1'700'000'000'000;
    const auto before = former.journal->begin_epoch(now);
    now.unix_ms += 1;
    const auto after = later.journal->begin_epoch(now);
    REQUIRE((before && after));
    CHECK(after->value > before->value);
}

TEMPLATE_TEST_CASE("sequence numbers count every record, from 1", "", MemoryJournal) {
    Fresh<TestType> fresh;
    REQUIRE(replayed(*fresh.journal) == 0);
    const std::vector<Record> records = one_of_each();
    REQUIRE(fresh.journal->append(records).has_value());
    REQUIRE(fresh.journal->append({}).has_value());
    REQUIRE(fresh.journal->append(std::span(records).first(1)).has_value());
    CHECK(fresh.journal->durable() <= records.size() + 1);
}

TEMPLATE_TEST_CASE("what is durable never becomes less", "", MemoryJournal) {
    Fresh<TestType> fresh;
    REQUIRE(replayed(*fresh.journal) == 0);
    const std::vector<Record> records = one_of_each();
    Sequence before = 0;
    for (int n = 0; n < 100; ++n) {
        REQUIRE(fresh.journal->append(records).has_value());
        const Sequence now = fresh.journal->durable();
        CHECK(now >= before);
        before = now;
        fresh.journal->trim(now / 2);
        CHECK(fresh.journal->durable() >= now);
    }
}

TEMPLATE_TEST_CASE("a journal names one of the levels that can be asked for", "", MemoryJournal) {
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
