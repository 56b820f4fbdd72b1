#include "producer/cli/child_settings.hpp"

#include "common/process/flags.hpp"

namespace penstock::cli {
namespace {

// A stand-in for the child: the same variables and section count, but it has only the options that
// matter here.
std::optional<ExitCode> parse(CLI::App& child, const std::string& section,
                              const std::string& config) {
    process::apply_conventions(child, section, {});
    // The others are checked by the child itself.
    child.allow_config_extras(CLI::config_extras_mode::ignore);
    std::vector<const char*> arguments{child.get_name().c_str()};
    if (!config.empty()) {
        arguments.insert(arguments.end(), {"--config", config.c_str()});
    }
    return process::parse(child, static_cast<int>(arguments.size()), arguments.data());
}

}  // namespace

std::optional<ExitCode> read_child_settings(const std::string& config, ChildSettings& settings) {
    CLI::App broker("", "penstock-broker");
    broker.add_option("--frontend", settings.frontends);
    broker.add_option("--backend", settings.backends);
    if (const auto leave = parse(broker, "broker", config)) {
        return leave;
    }
    CLI::App worker("", "penstock-worker");
    process::add_duration(worker, "--drain-timeout", settings.drain_timeout, "");
    if (const auto leave = parse(worker, "worker", config)) {
        return leave;
    }
    CLI::App gateway("", "penstock-gateway");
    gateway.add_option("--listen", settings.listen);
    process::add_duration(gateway, "--drain-timeout", settings.gateway_drain_timeout, "");
    return parse(gateway, "gateway", config);
}

}  // namespace penstock::cli
