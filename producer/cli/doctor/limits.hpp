// What this machine, or the container that this is, allows.
//
// Thread rule: free functions.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "producer/cli/doctor/finding.hpp"

namespace penstock::cli::doctor {

// `hard`: to which a program may raise its own.
[[nodiscard]] Finding judge_open_files(std::uint64_t hard);

// The least of what the machine has and of what its control groups allow, in bytes; nothing if
// neither is told. `root` is "/" but in tests.
[[nodiscard]] std::optional<std::uint64_t> memory_limit(const std::filesystem::path& root);
// `bodies_max`: the bytes of bodies that the broker may hold (--bytes-max).
[[nodiscard]] Finding judge_memory(std::optional<std::uint64_t> limit, std::uint64_t bodies_max);

// The size of /dev/shm; nothing if there is none.
[[nodiscard]] std::optional<std::uint64_t> shared_memory_bytes();
[[nodiscard]] Finding judge_shared_memory(std::optional<std::uint64_t> bytes);

[[nodiscard]] Findings check_limits(std::uint64_t bodies_max);

}  // namespace penstock::cli::doctor
