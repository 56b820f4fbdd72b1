// Every limit of the wire, in one place; PROTOCOL.md, section 2, gives them to others.
//
// Thread rule: values.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace penstock::protocol {

// What a broker may be told to take; the rest is fixed.
struct Limits {
    // Largest body. A photograph of 50 megapixels fits; more belongs into a store.
    std::size_t body_max_bytes = std::size_t{32} << 20U;
    // Header frame: 1,024 small tasks of 1 KiB fit.
    std::size_t header_max_bytes = std::size_t{1} << 20U;
    // All frames of one message: bounds what one receive may take.
    std::size_t message_max_bytes = std::size_t{64} << 20U;
    // Args and payload of one task or result together. What is taken with it always finds room in
    // the messages that carry it on, whatever else their headers hold.
    std::size_t bodies_max_bytes = std::size_t{63} << 20U;
    // Tasks, results, leases or ids in one message.
    std::size_t batch_max = 1024;
};
// Error messages and progress notes. An encoder cuts longer ones.
inline constexpr std::size_t text_max_bytes = 4096;
// What a process wrote to stderr before it died. An encoder cuts longer ones.
inline constexpr std::size_t last_words_bytes_max = 2048;
// Host names, labels and versions. Names (of types, queues and producers) have the same length,
// name_bytes_max, and fewer characters to choose from. An encoder cuts longer ones.
inline constexpr std::size_t short_text_max_bytes = 128;
// A longer duration is a fault, and would overflow the clocks that it is added to. An encoder
// writes this one instead.
inline constexpr std::chrono::hours duration_max{24 * 365 * 10};
// Slots of one class in one process: a thread each, and no machine runs so many in one process.
inline constexpr std::uint32_t slots_max = 1024;
// Slots in one message about shared memory: more than a segment of 4 GiB has.
inline constexpr std::size_t slot_loans_max = 32'768;
// Progress when all is done.
inline constexpr std::uint32_t permille_max = 1000;
// Bodies up to this size travel inside the header frame, larger ones in frames of their own:
// above it a copy costs more than a frame.
inline constexpr std::size_t inline_body_max_bytes = std::size_t{64} << 10U;
// A sender closes a batch when its inline bytes pass this, well below header_max_bytes.
inline constexpr std::size_t batch_inline_max_bytes = std::size_t{256} << 10U;

}  // namespace penstock::protocol
