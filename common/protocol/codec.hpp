// Messages to frames and back: the one place where the bytes of docs/PROTOCOL.md are made and
// read. No sockets, no exceptions, no trust in the input.
//
// Thread rule: free functions over values.
#pragma once

#include <span>
#include <vector>

#include "common/model/bytes.hpp"
#include "common/model/result.hpp"
#include "common/model/slot_ref.hpp"
#include "common/protocol/limits.hpp"
#include "common/protocol/message.hpp"

namespace penstock::protocol {

// The largest ZeroMQ frame that a socket should let in.
[[nodiscard]] std::size_t frame_max_bytes(const Limits& limits);

using Frames = std::vector<SharedBytes>;

// Encodes into a header frame and, for large bodies, body frames that share the body's memory.
// Requires: counts and bodies keep the limits, leases are of the message's epoch, and an answer's
// rows are of its `what`. With `refs`, a body that lies in memory that the reader shares is only
// named; such a message must be sent.
[[nodiscard]] Frames encode(const Message& message, SlotRefs* refs = nullptr);

// Decodes one message. Inline bodies of up to inline_body_max_bytes are slices that keep the header
// frame alive; larger ones, which an encoder of ours never puts there, are copied out.
// Errors: malformed, version, too_large, unsupported; the text names message and field, such as
// "SUBMIT.tasks[3].id: expected bin of 16 bytes". It quotes nothing from the message. Those of
// `refs` for a body in shared memory; without `refs`, such a body is unsupported.
[[nodiscard]] Result<Message> decode(std::span<const SharedBytes> frames, const Limits& limits,
                                     SlotRefs* refs = nullptr);

}  // namespace penstock::protocol
