// What one command may cost, and what a worker may be told to offer.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "worker/sdk/arguments.hpp"

namespace penstock::worker::exec {

// Milliseconds that a command may run. A day, as for the types that only take time.
inline constexpr IntegerRange time_limit_ms_range{1, 86'400'000};
inline constexpr std::int64_t time_limit_ms_default = 60'000;

// How long before the attempt's own deadline a command is ended: after it the whole process would
// be killed, and the tasks beside this one with it.
inline constexpr auto before_deadline = std::chrono::milliseconds(200);

// Bytes of standard output. The largest body that the protocol carries by default.
inline constexpr IntegerRange output_bytes_range{0, std::int64_t{32} << 20U};

// Bytes kept of standard error, from its end: what went wrong stands there.
inline constexpr std::size_t stderr_bytes_max = 4096;

// Bytes of one value that a task puts into an argument vector, and of one element of a template.
inline constexpr std::size_t element_bytes_max = 4096;

// Elements of a template. With the bytes of each, half of what Linux takes as arguments.
inline constexpr std::size_t elements_max = 256;

// Templates of one worker. A list that people still read.
inline constexpr std::size_t templates_max = 64;

// How often a running command is asked whether it is cancelled: soon enough for people, and next to
// no work.
inline constexpr auto look_every = std::chrono::milliseconds(20);

}  // namespace penstock::worker::exec
