// Messages to frames and back: the one place where the bytes of docs/PROTOCOL.md are made and
// read. No sockets, no exceptions, no trust in the input.
//
// Thread rule: free functions over values.
#pragma once

#include <chrono>
#include <span>
#include <vector>

#include "common/model/bytes.hpp"
#include "common/model/result.hpp"
#include "common/protocol/message.hpp"

namespace penstock::protocol {

// Every limit of the wire, in one place; PROTOCOL.md, section 2, gives them to others.
struct Limits {
    // Largest body. A photograph of 50 megapixels fits; more belongs into a store.
    std::size_t body_max_bytes = std::size_t{32} << 20U;
    // Header frame: 1,024 small tasks of 1 KiB fit.
    std::size_t header_max_bytes = std::size_t{1} << 20U;
    // All frames of one message: bounds what one receive may take.
    std::size_t message_max_bytes = std::size_t{64} << 20U;
    // Tasks, results, leases or ids in one message.
    std::size_t batch_max = 1024;
};
// Error messages and progress notes. An encoder cuts longer ones.
inline constexpr std::size_t text_max_bytes = 4096;
// Host names, labels and versions. Names (of types, queues and producers) have the same length,
// name_bytes_max, and fewer characters to choose from. An encoder cuts longer ones.
inline constexpr std::size_t short_text_max_bytes = 128;
// A longer duration is a fault, and would overflow the clocks that it is added to. An encoder
// writes this one instead.
inline constexpr std::chrono::hours duration_max{24 * 365 * 10};
// Progress when all is done.
inline constexpr std::uint32_t permille_max = 1000;
// Bodies up to this size travel inside the header frame, larger ones in frames of their own:
// above it a copy costs more than a frame.
inline constexpr std::size_t inline_body_max_bytes = std::size_t{64} << 10U;
// A sender closes a batch when its inline bytes pass this, well below header_max_bytes.
inline constexpr std::size_t batch_inline_max_bytes = std::size_t{256} << 10U;

// The largest ZeroMQ frame that a socket should let in.
[[nodiscard]] std::size_t frame_max_bytes(const Limits& limits);

using Frames = std::vector<SharedBytes>;

// Encodes into a header frame and, for large bodies, body frames that share the body's memory.
// Requires: counts and bodies keep the limits, leases are of the message's epoch, and an answer's
// rows are of its `what`.
[[nodiscard]] Frames encode(const Message& message);

// Decodes one message. Inline bodies are slices that keep the header frame alive.
// Errors: malformed, version, too_large, unsupported; the text names message and field, such as
// "SUBMIT.tasks[3].id: expected bin of 16 bytes". It quotes nothing from the message.
[[nodiscard]] Result<Message> decode(std::span<const SharedBytes> frames, const Limits& limits);

}  // namespace penstock::protocol
