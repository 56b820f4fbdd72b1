// The worker's flags, environment and configuration file.
//
// Thread rule: used by main() before any thread starts.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/process/flags.hpp"
#include "common/telemetry/log.hpp"
#include "common/transport/endpoint.hpp"
#include "worker/shell/handler_option.hpp"

namespace penstock::worker {

// One program, three roles: the supervisor starts the others.
enum class Role : unsigned char { supervisor, process, reporter };

// What the children find open, besides the standard streams.
inline constexpr int page_descriptor = 3;      // the slot page
inline constexpr int reporter_descriptor = 4;  // the reporter's end of the socket pair

struct Config {
    std::string program;  // what it is called: others have workers of their own
    transport::Endpoint broker;
    unsigned processes = 1;
    // Slots of one process. A handler that waits needs no core, so four of them cost nothing.
    unsigned cpu_slots = 1;
    unsigned wait_slots = 4;
    std::vector<std::string> queues;  // empty: all
    std::vector<std::string> labels;
    // From the first SIGTERM until what still runs is given up. Longer than most tasks; shorter
    // than what Kubernetes may be told to wait.
    std::chrono::milliseconds drain_timeout{30'000};
    // Shared memory for large results; nothing: what /dev/shm allows, 0: none.
    std::optional<std::uint64_t> shm_bytes{};
    std::optional<std::string> metrics = "127.0.0.1:9751";  // HOST:PORT; nothing: off
    telemetry::Level log_level = telemetry::Level::info;

    Role role = Role::supervisor;
    bool log_colors = false;      // though stderr is no terminal
    unsigned process_number = 0;  // of Role::process
};

// Reads the command line, and lets the handlers take what their options say. On help, version or an
// error it prints, and `exit` says how to leave.
[[nodiscard]] std::optional<Config> read_config(int argc, const char* const* argv,
                                                process::ExitCode& exit,
                                                const std::vector<HandlerOption>& options = {});

}  // namespace penstock::worker
