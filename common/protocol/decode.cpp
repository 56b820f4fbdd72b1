#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <utility>

#include "common/protocol/codec.hpp"
#include "common/protocol/decode_fields.hpp"
#include "common/protocol/message_reader.hpp"
#include "common/protocol/shape.hpp"

namespace penstock::protocol {
namespace {

template <typename Kind>
Message read_message(MessageReader& reader) {
    Kind message;
    read_fields(reader, message);
    return message;
}

using ReadMessage = Message (*)(MessageReader&);

template <std::size_t... index>
constexpr std::array<ReadMessage, sizeof...(index)> all_readers(std::index_sequence<index...>) {
    return {&read_message<std::variant_alternative_t<index, Message>>...};
}

constexpr auto readers = all_readers(std::make_index_sequence<std::variant_size_v<Message>>());

std::string over_limit(std::string_view what, std::size_t size, std::size_t limit) {
    std::string text(what);
    return text.append(": ")
        .append(std::to_string(size))
        .append(" bytes, at most ")
        .append(std::to_string(limit));
}

// Requires: at least one frame.
Result<void> check_sizes(std::span<const SharedBytes> frames, const Limits& limits) {
    std::size_t sum = 0;
    for (const SharedBytes& frame : frames) {
        sum += frame.size();
    }
    if (sum > limits.message_max_bytes) {
        return fail(ErrorCode::too_large,
                    over_limit("all frames of a message", sum, limits.message_max_bytes));
    }
    if (frames.front().size() > limits.header_max_bytes) {
        return fail(ErrorCode::malformed,
                    over_limit("header frame", frames.front().size(), limits.header_max_bytes));
    }
    for (const SharedBytes& frame : frames.subspan(1)) {
        if (frame.size() > limits.body_max_bytes) {
            return fail(ErrorCode::too_large,
                        over_limit("body frame", frame.size(), limits.body_max_bytes));
        }
    }
    return {};
}

// Reads version and kind and checks the number of fields. Returns the index of the kind's reader.
std::size_t read_prefix(MessageReader& reader) {
    const std::size_t count = reader.array(nullptr, std::numeric_limits<std::uint32_t>::max(), 0);
    const std::uint64_t found_version = reader.uint("version");
    if (reader.ok() && found_version != version) {
        reader.fail(ErrorCode::version, nullptr,
                    "is of protocol version " + std::to_string(found_version) +
                        ", but this side speaks version " + std::to_string(version));
    }
    const std::uint64_t kind = reader.uint("kind");
    if (reader.ok() && (kind < 1 || kind > readers.size())) {
        reader.fail(ErrorCode::malformed, nullptr,
                    "kind " + std::to_string(kind) + " is not in the table");
    }
    if (!reader.ok()) {
        return 0;
    }
    reader.set_subject(name(static_cast<Kind>(kind)));
    const auto index = static_cast<std::size_t>(kind - 1);
    const std::size_t expected_count = prefix_fields + field_counts[index];
    if (count != expected_count) {
        reader.fail(ErrorCode::malformed, nullptr,
                    "expected array of " + std::to_string(expected_count) + ", got " +
                        std::to_string(count));
    }
    return index;
}

}  // namespace

std::size_t frame_max_bytes(const Limits& limits) {
    constexpr std::size_t margin = 1024;
    return std::max(limits.body_max_bytes, limits.header_max_bytes) + margin;
}

Result<Message> decode(std::span<const SharedBytes> frames, const Limits& limits, SlotRefs* refs) {
    if (frames.empty()) {
        return fail(ErrorCode::malformed, "message: no header frame, or more than 4,096 frames");
    }
    MessageReader reader(frames, limits, refs);
    const std::size_t index = read_prefix(reader);
    // Another version may have other limits, so that is said first.
    const bool speaks_ours = reader.ok() || reader.error().code != ErrorCode::version;
    if (const Result<void> sizes = check_sizes(frames, limits); speaks_ours && !sizes) {
        return tl::unexpected<Error>(sizes.error());
    }
    if (!reader.ok()) {
        return tl::unexpected<Error>(reader.error());
    }
    Message message = readers[index](reader);
    reader.finish();
    if (!reader.ok()) {
        return tl::unexpected<Error>(reader.error());
    }
    return message;
}

}  // namespace penstock::protocol
