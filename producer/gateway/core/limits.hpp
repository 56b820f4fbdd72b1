// Every limit of the gateway, in one place. Those that an operator may change are options of
// penstock-gateway (shell/config.hpp); the rest is fixed.
//
// Thread rule: values.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace penstock::gateway {

// Options, with their defaults.
struct Limits {
    // Largest image or other content, in bytes: what a broker takes as a body by default.
    std::uint64_t body_max_bytes = std::uint64_t{32} << 20U;
    // How long a caller waits that has not said so. A photograph takes a tenth of a second; this
    // is for the queue in front of it.
    std::chrono::milliseconds wait{60'000};
    // The longest wait that a caller may ask for. Proxies and browsers give up about here.
    std::chrono::milliseconds wait_max{300'000};
    // From connecting, or from the request line, to the end of the headers.
    std::chrono::milliseconds header_timeout{10'000};
    // How long a body may lag behind body_rate_min before it is given up, and how long a caller
    // may lag behind in taking its answer.
    std::chrono::milliseconds body_timeout{10'000};
    // A connection without a request is closed after this.
    std::chrono::milliseconds idle_timeout{60'000};
    // After SIGTERM: how long waiting callers are still served.
    std::chrono::milliseconds drain_timeout{30'000};
    // Connections at a time. Each may take connection_bytes, body_memory_bytes and 3 descriptors.
    std::uint32_t connections_max = 4'096;
    // Memory for uploads of known length that are on their way in, all together: some fifteen
    // photographs. The others go through files, which takes a few per cent longer.
    std::uint64_t bodies_bytes_max = std::uint64_t{64} << 20U;
    // Uploads that are with the broker, or whose result is not on the disk yet, at a time: their
    // bodies and results are in somebody's memory. More wait.
    std::uint32_t uploads_max = 256;
};

// Bytes a second, the slowest body that is waited for: a bad mobile network.
inline constexpr std::uint64_t body_rate_min = std::uint64_t{16} << 10U;
// Memory that the HTTP library may use for one connection: half of it for what it reads, and all of
// it for the head, what it keeps of each field of it, and the head of the reply.
inline constexpr std::size_t connection_bytes = std::size_t{16} << 10U;
// What the head may take of that, so that every reply fits in beside it. Browsers send up to 8 KiB.
inline constexpr std::size_t head_bytes_max = std::size_t{12} << 10U;
inline constexpr std::size_t head_fields_max = 100;
// What the library keeps of a header or a query option, beside its text.
inline constexpr std::size_t field_bytes = 64;
// A body needs memory up to here, and a file or its share of bodies_bytes_max beyond: thousands of
// connections stay small.
inline constexpr std::size_t body_memory_bytes = std::size_t{16} << 10U;
// What a form may have around its file: delimiters, headers, small fields.
inline constexpr std::uint64_t form_overhead_bytes = std::uint64_t{64} << 10U;
// Parts of one form. One is needed.
inline constexpr std::size_t form_parts_max = 32;
// Buffer of the form parser: a delimiter or a header line of a part has to fit in.
inline constexpr std::size_t form_buffer_bytes = std::size_t{8} << 10U;
// A JSON body. 10,000 numbers of 19 digits take a fifth of it.
inline constexpr std::uint64_t json_max_bytes = std::uint64_t{1} << 20U;
// Numbers in one /process: half a minute of one core.
inline constexpr std::size_t numbers_max = 10'000;
// Requests of /process whose tasks have not all ended, at a time: 64,000 tasks, each of which takes
// a few hundred bytes here however little it is waited for. More wait.
inline constexpr std::uint32_t process_requests_max = 1'000;
// Tasks that one /process becomes; beyond, a task has several numbers.
inline constexpr std::size_t tasks_per_request_max = 64;
// How much longer than it wants a caller waits to hear whether the broker has its tasks at all.
inline constexpr std::chrono::milliseconds receipt_grace{2'000};
// Pairs in a query string. There are seven options.
inline constexpr std::size_t query_pairs_max = 32;
// What is still read, and for how long, from a caller who has been refused in the middle of a
// body: closing at once would make its kernel throw the refusal away.
inline constexpr std::uint64_t refused_bytes_max = std::uint64_t{16} << 20U;
inline constexpr std::chrono::milliseconds refused_time_max{2'000};
// Results of earlier tasks that are fetched at a time; each may have body_max_bytes.
inline constexpr std::uint32_t fetches_max = 4;
// Lines of the access log that wait for a slow reader of it; more are dropped, counted and told.
inline constexpr std::size_t access_lines_max = 10'000;

}  // namespace penstock::gateway
