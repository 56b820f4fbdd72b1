// The broker's flags, environment and configuration file.
//
// Thread rule: used by main() before any thread starts.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "broker/core/settings.hpp"
#include "broker/store/log/log_writer.hpp"
#include "common/process/flags.hpp"
#include "common/telemetry/log.hpp"
#include "common/transport/endpoint.hpp"

namespace penstock::broker {

struct Config {
    std::vector<transport::Endpoint> frontends;  // where producers connect
    std::vector<transport::Endpoint> backends;   // where workers connect
    std::string data = "penstock-data";          // folder
    bool memory = false;                         // it is not used
    LogOptions log;
    telemetry::Level log_level = telemetry::Level::info;
    Settings settings;
};

// Reads the command line. On help, version or an error it prints, and `exit` says how to leave.
[[nodiscard]] std::optional<Config> read_config(int argc, const char* const* argv,
                                                process::ExitCode& exit);

}  // namespace penstock::broker
