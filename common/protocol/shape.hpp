// How many fields each message has after version and kind, in the order of Message: the third
// column of the table in docs/PROTOCOL.md. Private to this folder.
#pragma once

#include <array>
#include <cstdint>
#include <variant>

#include "common/protocol/message.hpp"

namespace penstock::protocol {

inline constexpr std::uint32_t prefix_fields = 2;  // version, kind
inline constexpr std::array<std::uint32_t, std::variant_size_v<Message>> field_counts = {
    1, 6, 4, 2, 4, 1,  2, 1,  // HELLO to CANCEL
    1, 8, 4, 0, 0, 10, 2, 2,  // CANCELLING to OUTCOME
    2, 2, 2, 3, 2, 0,  9, 1,  // SETTLED to NOTED
    2, 7, 7, 5};              // BACKUP to ARCHIVE_REPLY

}  // namespace penstock::protocol
