// Shared by the tests of the segmented log: a journal in its first life, and records for it.
#pragma once

#include <cstring>
#include <poll.h>
#include <string>

#include "broker/store/segmented_log.hpp"
#include "tests/simulation/disk.hpp"
#include "tests/support/catch.hpp"

namespace penstock::broker {

using simulation::Disk;

inline constexpr LogOptions options{std::uint64_t{8} << 20U};

inline TaskId counted_id(std::uint64_t number) {
    TaskId id;
    std::memcpy(id.bytes.data(), &number, sizeof number);
    return id;
}

inline Instant at(std::int64_t unix_ms) {
    Instant now;
    now.unix_ms = unix_ms;
    return now;
}

// An empty folder on that disk, and its journal in its first life.
struct FirstLife {
    SegmentedLog log;

    explicit FirstLife(Disk& disk) : log(disk.folder(), options, {1}) {
        REQUIRE(log.replay([](const Record&, Sequence) {}));
        REQUIRE(log.begin_epoch(at(1)));
    }
};

inline Record accepted(std::uint64_t number, std::size_t bytes = 10) {
    return TaskAccepted{counted_id(number),
                        "sum",
                        "default",
                        {},
                        {SharedBytes::copy_of(std::string(bytes, 'x')), {}},
                        1};
}

inline void wait_until_durable(Journal& journal, Sequence sequence) {
    REQUIRE(journal.flush(Flush::here));
    while (journal.durable() < sequence) {
        pollfd wake{*journal.wake_descriptor(), POLLIN, 0};
        REQUIRE(::poll(&wake, 1, 60'000) == 1);
    }
}

}  // namespace penstock::broker
