#include <type_traits>
#include <variant>

#include "common/protocol/codec.hpp"
#include "common/protocol/encode_fields.hpp"
#include "common/protocol/message_writer.hpp"
#include "common/protocol/shape.hpp"

namespace penstock::protocol {
namespace {

// Names, numbers and the array's own prefix; a message of ids grows to what it needs.
constexpr std::size_t small_message_bytes = 512;

template <typename Kind>
constexpr bool carries_bodies =
    std::is_same_v<Kind, Submit> || std::is_same_v<Kind, ResultBatch> ||
    std::is_same_v<Kind, Dispatch> || std::is_same_v<Kind, OutcomeBatch> ||
    std::is_same_v<Kind, ArchiveReply>;

template <typename Kind>
std::size_t room_for(const Kind& message) {
    if constexpr (carries_bodies<Kind>) {
        return small_message_bytes + header_bytes_of(message);
    } else {
        return small_message_bytes;
    }
}

}  // namespace

Frames encode(const Message& message, SlotRefs* refs) {
    return std::visit(
        [index = message.index(), refs](const auto& fields) {
            MessageWriter writer(room_for(fields), refs);
            writer.array(prefix_fields + field_counts[index]);
            writer.uint(version);
            writer.uint(index + 1);
            write_fields(writer, fields);
            return std::move(writer).take();
        },
        message);
}

}  // namespace penstock::protocol
