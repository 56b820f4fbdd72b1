// The broker's flags, environment and configuration file.
//
// Thread rule: used by main() before any thread starts.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "broker/archive/archive.hpp"
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
    bool no_shared_memory = false;               // bodies travel as frames only
    bool accept_damage = false;                  // go on with what can be read of a journal
    LogOptions log;
    telemetry::Level log_level = telemetry::Level::info;
    Settings settings;
    ArchiveOptions archive;
};

// The options that say what is archived and how much of it is kept.
void add_archive_options(CLI::App& app, std::vector<std::string>& history_queues,
                         ArchiveLimits& limits);

// Describes what the program can do instead of serving.
using AddCommands = std::function<void(CLI::App& app)>;

// Reads the command line. Nothing if it names one of those commands, or on help, version or an
// error; these are printed, and `exit` says how to leave.
[[nodiscard]] std::optional<Config> read_config(int argc, const char* const* argv,
                                                process::ExitCode& exit,
                                                const AddCommands& add_commands = {});

}  // namespace penstock::broker
