#include <fmt/format.h>
#include <memory>
#include <optional>
#include <sys/un.h>
#include <utility>

#include "common/process/shutdown.hpp"
#include "common/process/units.hpp"
#include "producer/cli/child_settings.hpp"
#include "producer/cli/commands.hpp"
#include "producer/cli/data_folder.hpp"
#include "producer/cli/household.hpp"
#include "producer/cli/programs.hpp"

namespace penstock::cli {
namespace {

using std::chrono::milliseconds;

constexpr const char* up_examples = R"(
# on every core, with its data in ./penstock-data
$ penstock up
Penstock is starting.
  producers  tcp://127.0.0.1:5750
  workers    tcp://127.0.0.1:5751
…
$ penstock up --processes 2 --listen http://127.0.0.1:8080
)";
constexpr const char* up_remarks =
    "Ctrl-C lets running tasks finish, then stops everything; a second one stops at once.\n"
    "Broker, workers and gateway read their own environment variables and sections of --config "
    "FILE.";

// A worker or gateway that has drained still has to say goodbye.
constexpr milliseconds beyond_drain{5000};
constexpr milliseconds broker_stop_timeout{5000};

struct UpOptions {
    std::string data = "penstock-data";
    // Empty: as the environment, the file or the default of the child has it.
    std::string frontend;
    std::string backend;
    std::string processes;
    std::string threads;
    std::string metrics;
    std::string listen;
    bool no_gateway = false;
    bool insecure = false;
    milliseconds drain_timeout{30'000};
    const CLI::Option* drain_timeout_flag = nullptr;  // whether it is given
};

void describe_up(CLI::App& command, UpOptions& options) {
    command
        .add_option("--data", options.data,
                    "The folder for the broker's journal, for sockets and for what the gateway "
                    "keeps")
        ->capture_default_str();
    command.add_option("--frontend", options.frontend,
                       "Where producers connect (default: the broker's, tcp://127.0.0.1:5750)");
    command.add_option("--backend", options.backend,
                       "Where workers connect (default: the broker's, tcp://127.0.0.1:5751)");
    command.add_option("--processes", options.processes,
                       "Worker processes (default: one per core)");
    command.add_option("--threads", options.threads,
                       "Slots for computing per process (default: 1)");
    command.add_option("--metrics", options.metrics,
                       "Where the worker's metrics are served, or off (default: the worker's)");
    command.add_option("--listen", options.listen,
                       "Where the HTTP gateway listens (default: the gateway's, "
                       "http://127.0.0.1:3000)");
    command.add_flag("--no-gateway", options.no_gateway, "Without the HTTP gateway");
    command.add_flag("--insecure", options.insecure,
                     "Allows endpoints that others can reach: anybody there may submit and work");
    options.drain_timeout_flag =
        process::add_duration(command, "--drain-timeout", options.drain_timeout,
                              "How long running tasks may go on after Ctrl-C");
    process::add_examples(command, {up_examples, up_remarks});
}

// The workers and the gateway of this host take sockets in the data folder, whatever else the
// broker listens on; nothing if the folder's name is too long for a Unix socket.
std::optional<std::string> local_socket(const DataFolder& folder, const char* name) {
    const std::string path = (folder.path() / name).string();
    if (path.size() >= sizeof(sockaddr_un::sun_path)) {
        return std::nullopt;
    }
    return "ipc://" + path;
}

// What the children are told, each with the flags that only it has.
class Instructions {
  public:
    Instructions(const UpOptions& options, const ChildSettings& settings, std::string config,
                 const DataFolder& folder)
        : options_(options),
          settings_(settings),
          config_(std::move(config)),
          data_(folder.path().string()),
          local_frontend_(local_socket(folder, "frontend.sock")),
          local_backend_(local_socket(folder, "backend.sock")) {}

    [[nodiscard]] process::Command for_broker(const std::string& program) const {
        process::Command command = for_all(program);
        for (const std::string& frontend : settings_.frontends) {
            add(command, "--frontend", frontend);
        }
        for (const std::string& backend : settings_.backends) {
            add(command, "--backend", backend);
        }
        add(command, "--backend", local_backend_.value_or(""));
        add(command, "--data", data_);
        if (!options_.no_gateway) {
            add(command, "--frontend", local_frontend_.value_or(""));
        }
        return command;
    }

    [[nodiscard]] process::Command for_worker(const std::string& program) const {
        process::Command command = for_all(program);
        add(command, "--broker", local_backend_.value_or(settings_.backends.front()));
        add(command, "--drain-timeout", process::duration_text(settings_.drain_timeout));
        add(command, "--processes", options_.processes);
        add(command, "--threads", options_.threads);
        add(command, "--metrics", options_.metrics);
        return command;
    }

    [[nodiscard]] process::Command for_gateway(const std::string& program) const {
        process::Command command = for_all(program);
        add(command, "--server", local_frontend_.value_or(settings_.frontends.front()));
        add(command, "--data", data_);
        add(command, "--listen", options_.listen);
        return command;
    }

  private:
    [[nodiscard]] process::Command for_all(const std::string& program) const {
        process::Command command{program, {}, {}};
        add(command, "--config", config_);
        if (options_.insecure) {
            command.arguments.emplace_back("--insecure");
        }
        return command;
    }

    static void add(process::Command& command, const char* flag, const std::string& text) {
        if (!text.empty()) {
            command.arguments.insert(command.arguments.end(), {flag, text});
        }
    }

    const UpOptions& options_;
    const ChildSettings& settings_;
    std::string config_;
    std::string data_;
    std::optional<std::string> local_frontend_;
    std::optional<std::string> local_backend_;
};

void greet(const ChildSettings& settings, const UpOptions& options, const DataFolder& folder,
           const Output& output) {
    const std::string& frontend = settings.frontends.front();
    const std::string server =
        frontend == Globals{}.server ? std::string() : fmt::format("--server {} ", frontend);
    output.note(
        fmt::format("Penstock is starting.\n"
                    "  producers  {}\n"
                    "  workers    {}\n"
                    "  HTTP       {}\n"
                    "  data       {}\n"
                    "Try: penstock {}submit math.double '[1,2,3]' --wait\n"
                    "Ctrl-C stops it.",
                    fmt::join(settings.frontends, ", "), fmt::join(settings.backends, ", "),
                    options.no_gateway ? "off" : settings.listen, folder.path().string(), server));
}

// The flags win over what the children would find elsewhere.
std::optional<ExitCode> read_settings(const UpOptions& options, const Globals& globals,
                                      ChildSettings& settings) {
    const auto leave = read_child_settings(globals.config, settings);
    if (!options.frontend.empty()) {
        settings.frontends = {options.frontend};
    }
    if (!options.backend.empty()) {
        settings.backends = {options.backend};
    }
    if (!options.listen.empty()) {
        settings.listen = options.listen;
    }
    if (options.drain_timeout_flag->count() > 0) {
        settings.drain_timeout = options.drain_timeout;
    }
    return leave;
}

// Who depends on others is stopped before them. Errors: not_found (a program).
Result<void> fill(Household& household, const Instructions& tell, const ChildSettings& settings,
                  const UpOptions& options) {
    const Result<std::string> broker = find_program("penstock-broker");
    const Result<std::string> worker = find_program("penstock-worker");
    if (!broker || !worker) {
        return tl::unexpected(broker ? worker.error() : broker.error());
    }
    if (!options.no_gateway) {
        const Result<std::string> gateway = find_program("penstock-gateway");
        if (!gateway) {
            return tl::unexpected(gateway.error());
        }
        household.add(tell.for_gateway(*gateway), settings.gateway_drain_timeout + beyond_drain);
    }
    household.add(tell.for_worker(*worker), settings.drain_timeout + beyond_drain);
    household.add(tell.for_broker(*broker), broker_stop_timeout);
    return {};
}

int run_up(const UpOptions& options, const Globals& globals, const Output& output) {
    if (globals.server_asked) {
        return report(output, {ErrorCode::malformed,
                               "`penstock up` starts a broker of its own: --frontend says where, "
                               "neither --server nor --context does"});
    }
    ChildSettings settings;
    if (const auto leave = read_settings(options, globals, settings)) {
        return exit_status(*leave);
    }
    const Result<DataFolder> folder = DataFolder::open(options.data);
    if (!folder) {
        output.error(folder.error().message);
        return exit_status(ExitCode::error);
    }
    process::SignalQueue signals;
    Household household(signals, output);
    const Instructions tell(options, settings, globals.config, *folder);
    if (const auto complete = fill(household, tell, settings, options); !complete) {
        return report(output, complete.error());
    }
    greet(settings, options, *folder, output);
    const int status = household.run();
    output.note("Penstock has stopped.");
    return status;
}

}  // namespace

void add_up(CLI::App& app, Selection& selection) {
    add_command<UpOptions>(app, selection, "up",
                           "Run a broker, workers and an HTTP gateway here, until Ctrl-C",
                           describe_up, run_up);
}

}  // namespace penstock::cli
