// How many fields each message has after version and kind, in the order of Message: the third
// column of the table in docs/PROTOCOL.md; and a body that is only named. Private to this folder.
#pragma once

#include <array>
#include <cstdint>
#include <variant>

#include "common/protocol/message.hpp"

namespace penstock::protocol {

inline constexpr std::uint32_t prefix_fields = 2;    // version, kind
inline constexpr std::uint32_t slot_ref_fields = 4;  // segment, slot, generation, length
inline constexpr std::array<std::uint32_t, std::variant_size_v<Message>> field_counts = {
    2, 7, 4, 2, 4, 1,  2, 1,  // HELLO to CANCEL
    1, 8, 4, 0, 0, 11, 2, 2,  // CANCELLING to OUTCOME
    2, 2, 2, 3, 2, 0,  9, 1,  // SETTLED to NOTED
    2, 7, 7, 5, 1, 1,  0};    // BACKUP to NO_MEMORY

}  // namespace penstock::protocol
