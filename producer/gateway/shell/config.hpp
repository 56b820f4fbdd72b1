// The gateway's flags, environment and configuration file.
//
// Thread rule: used by main() before any thread starts.
#pragma once

#include <optional>
#include <string>

#include "common/model/task.hpp"
#include "common/process/flags.hpp"
#include "common/telemetry/log.hpp"
#include "producer/gateway/core/limits.hpp"
#include "producer/gateway/http/listener.hpp"

namespace penstock::gateway {

struct Config {
    http::Address listen;
    std::string server;
    std::string data = "penstock-data";
    Durability durability = Durability::disk;
    std::optional<std::uint64_t> shm_bytes;  // as client::Options
    std::string access_log = "-";
    telemetry::Level log_level = telemetry::Level::info;
    Limits limits;
};

// Reads the command line. On help, version or an error it prints, and `exit` says how to leave.
[[nodiscard]] std::optional<Config> read_config(int argc, const char* const* argv,
                                                process::ExitCode& exit);

}  // namespace penstock::gateway
