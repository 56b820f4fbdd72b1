// What two processes on one host say about the memory that they share: parts of HELLO, JOIN and
// WELCOME, and the messages SLOTS_FREE to NO_MEMORY of the table in docs/PROTOCOL.md.
//
// Thread rule: values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/model/slot_ref.hpp"

namespace penstock::protocol {

// Of who begins a session.
struct Memory {
    std::string domain;         // who has the same one can read what the other writes
    std::string segment;        // where the bodies lie that it will name
    std::uint64_t key = 0;      // what the segment begins with, and only its user can read
    std::uint64_t session = 0;  // grows with each session that has this segment
    friend bool operator==(const Memory&, const Memory&) = default;
};
// Loans that have come back to the owner of the segment.
struct SlotsFree {
    std::vector<SlotLoan> back;
    friend bool operator==(const SlotsFree&, const SlotsFree&) = default;
};
// So many of the references that this session was sent in results have been read, or never will be,
// in the order in which they came.
struct SlotsRead {
    std::uint64_t count = 0;
    friend bool operator==(const SlotsRead&, const SlotsRead&) = default;
};
// The sender cannot read shared memory after all: nothing that it is sent may lie there.
struct NoMemory {
    friend bool operator==(const NoMemory&, const NoMemory&) = default;
};

}  // namespace penstock::protocol
