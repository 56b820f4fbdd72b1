// The power goes at every operation of a short history, and of what of it was not synced every
// combination survives. Whatever is left must be a journal that lost nothing confirmed, and that
// goes on.
#include <cstdint>

#include "tests/support/catch.hpp"
#include "tests/unit/broker/store/log/sample_log.hpp"

namespace penstock::broker {
namespace {

using simulation::Disk;

// What a history has been promised so far.
struct Promised {
    Sequence confirmed = 0;  // survives
    Sequence begun = 0;      // may survive
    Sequence trimmed = 0;    // may be gone
};

// Five segments' worth, of which three go at once. Ends where the power goes.
Promised live(Disk& disk, Promised promised = {}) {
    SampleLog log(disk, small_segments, Bodies::of_every_third);
    if (!log.ok()) {
        return promised;
    }
    promised.begun = std::max(promised.begun, log.written());
    for (const std::size_t records : std::vector<std::size_t>{2, 1, 4, 3, 1, 2, 3, 4, 2, 1}) {
        promised.begun = log.written() + records;
        if (!log.write(records)) {
            return promised;
        }
        promised.confirmed = log.written();
        if (log.state().segments.size() > 3) {
            promised.trimmed = log.state().segments[2].last_sequence;
            if (!log.trim(promised.trimmed)) {
                return promised;
            }
        }
    }
    return promised;
}

void check_journal(const SampleLog& log, const Promised& promised) {
    INFO((log.ok() ? "" : log.error()));
    REQUIRE(log.ok());
    REQUIRE(log.written() >= promised.confirmed);
    REQUIRE(log.written() <= promised.begun);
    if (log.found().empty()) {
        REQUIRE(promised.confirmed <= promised.trimmed);
        return;
    }
    REQUIRE(log.first_found() <= promised.trimmed + 1);
    for (std::size_t i = 0; i < log.found().size(); ++i) {
        REQUIRE(log.found()[i] == sample_content(log.first_found() + i));
    }
}

// All ways in which the power can come back; at most 2^most of them are tried, the rest at random.
template <typename Try>
void for_each_survival(const Disk& cut, std::uint64_t seed, Try attempt) {
    constexpr std::size_t most = 10;
    const std::size_t uncertain = cut.uncertain();
    const std::uint64_t combinations = std::uint64_t{1} << std::min(uncertain, most);
    for (std::uint64_t combination = 0; combination < combinations; ++combination) {
        Disk disk = cut.copy();
        disk.restart([&](std::size_t index) {
            if (uncertain <= most) {
                return (combination >> index & 1U) != 0;
            }
            seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
            return (seed >> 63U) != 0;
        });
        attempt(disk);
    }
}

}  // namespace

TEST_CASE("whatever a power cut leaves of a history, nothing confirmed is lost") {
    Disk whole;
    const Promised all = live(whole);
    REQUIRE(all.confirmed == 23);
    REQUIRE(all.trimmed > 0);
    std::size_t tried = 0;
    std::size_t torn = 0;
    for (std::uint64_t cut = 0; cut < whole.operations(); ++cut) {
        Disk disk;
        disk.cut_at(cut);
        const Promised promised = live(disk);
        for_each_survival(disk, cut, [&](Disk& left) {
            SampleLog log(left, small_segments, Bodies::of_every_third);
            check_journal(log, promised);
            torn += log.torn() ? 1U : 0U;
            const Sequence before = log.written();
            REQUIRE((log.write(2) && log.write(1)));
            const SampleLog next(left, small_segments, Bodies::of_every_third);
            REQUIRE(next.ok());
            REQUIRE_FALSE(next.torn());
            REQUIRE(next.written() == before + 3);
            ++tried;
        });
    }
    CAPTURE(tried);
    CHECK(torn > 100);
}

TEST_CASE("what a killed broker left in the kernel's memory is safe once the next has read it") {
    Disk whole;
    static_cast<void>(live(whole));
    for (std::uint64_t at = 0; at < whole.operations(); ++at) {
        for (const bool sync_failed : {false, true}) {
            Disk disk;
            sync_failed ? disk.fail_sync_at(at) : disk.cut_at(at);
            Promised promised = live(disk);
            disk.restart_process();
            const SampleLog next(disk, small_segments, Bodies::of_every_third);
            check_journal(next, promised);
            promised.confirmed = promised.begun = next.written();
            for_each_survival(disk, at, [&](Disk& left) {
                check_journal(SampleLog(left, small_segments, Bodies::of_every_third), promised);
            });
        }
    }
}

TEST_CASE("the power may go again while a journal recovers") {
    Disk whole;
    static_cast<void>(live(whole));
    for (std::uint64_t cut = 0; cut < whole.operations(); cut += 3) {
        Disk disk;
        disk.cut_at(cut);
        const Promised promised = live(disk);
        // One of the ways in which a batch is torn: every second thing is lost.
        disk.restart([](std::size_t index) { return index % 2 == 0; });
        for (std::uint64_t again = 0; again < 6; ++again) {
            Disk second = disk.copy();
            second.cut_at(again);
            const Promised later = live(second, promised);
            for_each_survival(second, cut + again, [&](Disk& left) {
                check_journal(SampleLog(left, small_segments, Bodies::of_every_third), later);
            });
        }
    }
}

}  // namespace penstock::broker
