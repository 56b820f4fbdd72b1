#include "producer/cli/doctor/limits.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <sys/statvfs.h>

#include "common/process/host_files.hpp"
#include "producer/cli/table.hpp"

namespace penstock::cli::doctor {
namespace {

// As the broker has it: each peer is a connection.
constexpr std::uint64_t open_files_min = 4'096;
// Beside its bodies a broker needs its tables and the room of its allocator: a quarter.
constexpr std::uint64_t bodies_share = 75;  // percent
// Docker's default, in which one photograph of 20 megapixels does not fit uncompressed.
constexpr std::uint64_t shared_memory_min_bytes = std::uint64_t{64} << 20U;

std::optional<std::uint64_t> number_in(std::string_view text) {
    std::uint64_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    return read.ec == std::errc{} ? std::optional(number) : std::nullopt;
}

// "MemTotal:       16316412 kB"
std::optional<std::uint64_t> total_in(std::string_view meminfo) {
    constexpr std::string_view label = "MemTotal:";
    const auto at = meminfo.find(label);
    const auto digits = at == std::string_view::npos ? at : meminfo.find_first_of("0123456789", at);
    if (digits == std::string_view::npos) {
        return std::nullopt;
    }
    constexpr std::uint64_t kilobyte = 1024;
    const auto count = number_in(meminfo.substr(digits));
    return count ? std::optional(*count * kilobyte) : std::nullopt;
}

void take_least(std::optional<std::uint64_t>& least, std::optional<std::uint64_t> other) {
    if (other && (!least || *other < *least)) {
        least = other;
    }
}

}  // namespace

Finding judge_open_files(std::uint64_t hard) {
    Finding finding{"open files", Verdict::ok,
                    hard == RLIM_INFINITY ? "no limit" : fmt::format("up to {}", hard)};
    if (hard < open_files_min) {
        finding.verdict = Verdict::warn;
        finding.advice = fmt::format(
            "each peer of a broker is one: raise the hard limit to {} or more (ulimit -Hn, "
            "LimitNOFILE= of the service)",
            open_files_min);
    }
    return finding;
}

std::optional<std::uint64_t> memory_limit(const std::filesystem::path& root) {
    std::optional<std::uint64_t> least;
    if (const auto meminfo = process::read_host_file(root / "proc/meminfo")) {
        least = total_in(*meminfo);
    }
    for (const process::ControlGroup& group : process::control_groups(root, "memory")) {
        const char* const name = group.version == 2 ? "memory.max" : "memory.limit_in_bytes";
        for (const std::filesystem::path& folder : group.folders) {
            // "max" is no number, and no limit.
            if (const auto text = process::read_host_file(folder / name)) {
                take_least(least, number_in(*text));
            }
        }
    }
    return least;
}

Finding judge_memory(std::optional<std::uint64_t> limit, std::uint64_t bodies_max) {
    if (!limit) {
        return {"memory", Verdict::skipped, "neither /proc nor a control group tells"};
    }
    Finding finding{"memory", Verdict::ok,
                    fmt::format("{}; the broker may fill {} with bodies", size_words(*limit),
                                size_words(bodies_max))};
    const std::uint64_t room = *limit / 100 * bodies_share;
    if (bodies_max > room) {
        finding.verdict = Verdict::warn;
        finding.advice = fmt::format(
            "a full broker would be killed for want of memory before it refuses tasks as busy: "
            "set its --bytes-max to {} or less",
            size_words(room));
    }
    return finding;
}

std::optional<std::uint64_t> shared_memory_bytes() {
    struct statvfs room {};
    if (::statvfs("/dev/shm", &room) != 0) {
        return std::nullopt;
    }
    return std::uint64_t{room.f_blocks} * room.f_frsize;
}

Finding judge_shared_memory(std::optional<std::uint64_t> bytes) {
    constexpr const char* advice =
        "large bodies on one host will travel through it: mount more (docker --shm-size, an "
        "emptyDir of medium Memory in Kubernetes)";
    if (!bytes) {
        return {"shared memory", Verdict::warn, "there is no /dev/shm", advice};
    }
    Finding finding{"shared memory", Verdict::ok, size_words(*bytes) + " in /dev/shm"};
    if (*bytes <= shared_memory_min_bytes) {
        finding.verdict = Verdict::warn;
        finding.advice = advice;
    }
    return finding;
}

Findings check_limits(std::uint64_t bodies_max) {
    rlimit files{};
    static_cast<void>(::getrlimit(RLIMIT_NOFILE, &files));
    return {judge_open_files(files.rlim_max), judge_memory(memory_limit("/"), bodies_max),
            judge_shared_memory(shared_memory_bytes())};
}

}  // namespace penstock::cli::doctor
