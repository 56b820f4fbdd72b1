#include <array>
#include <cstdlib>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <poll.h>
#include <signal.h>
#include <sys/un.h>
#include <utility>

#include "common/process/shutdown.hpp"
#include "producer/cli/commands.hpp"
#include "producer/cli/data_folder.hpp"
#include "producer/cli/programs.hpp"
#include "producer/cli/service.hpp"

namespace penstock::cli {
namespace {

using std::chrono::milliseconds;

constexpr const char* examples =
    "  penstock up                                   with all cores, data in ./penstock-data\n"
    "  penstock up --data /var/lib/penstock --processes 4\n"
    "  penstock up --frontend ipc:///run/penstock.sock\n"
    "Ctrl-C lets running tasks finish, then stops everything; a second one stops at once.";

// A worker that has drained still has to say goodbye.
constexpr milliseconds beyond_drain{5000};
constexpr milliseconds broker_stop_timeout{5000};

struct UpOptions {
    std::string data = "penstock-data";
    std::string frontend = "tcp://127.0.0.1:5750";
    std::string backend = "tcp://127.0.0.1:5751";
    std::string processes = "auto";
    std::string threads = "auto";
    std::string metrics;
    bool insecure = false;
    milliseconds drain_timeout{30'000};
};

void describe(CLI::App& command, UpOptions& options) {
    command.add_option("--data", options.data, "The folder for everything that is kept")
        ->capture_default_str();
    command.add_option("--frontend", options.frontend, "Where producers connect")
        ->capture_default_str();
    command.add_option("--backend", options.backend, "Where workers connect")
        ->capture_default_str();
    command.add_option("--processes", options.processes, "Worker processes (auto: one per core)")
        ->capture_default_str();
    command.add_option("--threads", options.threads, "Slots for computing per process")
        ->capture_default_str();
    command.add_option("--metrics", options.metrics,
                       "Where the worker's metrics are served, or off (default: the worker's)");
    command.add_flag("--insecure", options.insecure,
                     "Allows endpoints that others can reach: anybody there may submit and work");
    process::add_duration(command, "--drain-timeout", options.drain_timeout,
                          "How long running tasks may go on after Ctrl-C");
    add_examples(command, examples);
}

// The workers of this host take a socket in the data folder, whatever else the backend listens on;
// nothing if the folder's name is too long for a Unix socket.
std::optional<std::string> local_backend(const DataFolder& folder) {
    const std::string path = (folder.path() / "backend.sock").string();
    if (path.size() >= sizeof(sockaddr_un::sun_path)) {
        return std::nullopt;
    }
    return "ipc://" + path;
}

process::Command broker_command(const std::string& program, const UpOptions& options,
                                const std::optional<std::string>& local) {
    process::Command command{
        program, {"--frontend", options.frontend, "--backend", options.backend}, {}, true};
    if (local) {
        command.arguments.insert(command.arguments.end(), {"--backend", *local});
    }
    if (options.insecure) {
        command.arguments.emplace_back("--insecure");
    }
    return command;
}

process::Command worker_command(const std::string& program, const UpOptions& options,
                                const std::optional<std::string>& local) {
    process::Command command{
        program,
        {"--broker", local.value_or(options.backend), "--processes", options.processes, "--threads",
         options.threads, "--drain-timeout", fmt::format("{}ms", options.drain_timeout.count())},
        {},
        true};
    if (!options.metrics.empty()) {
        command.arguments.insert(command.arguments.end(), {"--metrics", options.metrics});
    }
    return command;
}

class Household {
  public:
    Household(Service& broker, Service& worker, process::SignalQueue& signals)
        : broker_(broker), worker_(worker), signals_(signals) {}

    // Until a signal comes or a program refuses to run; the exit status.
    int run() {
        while (true) {
            broker_.tend(now());
            worker_.tend(now());
            if (stop_asked_ || refusal()) {
                break;
            }
            wait(earliest_start());
        }
        stop(worker_, drain_timeout_);
        stop(broker_, broker_stop_timeout);
        return refusal().value_or(exit_status(ExitCode::ok));
    }

    void set_drain_timeout(milliseconds timeout) { drain_timeout_ = timeout + beyond_drain; }

  private:
    static TimePoint now() { return Instant::read().steady; }

    [[nodiscard]] std::optional<int> refusal() const {
        return broker_.refusal() ? broker_.refusal() : worker_.refusal();
    }

    [[nodiscard]] std::optional<TimePoint> earliest_start() const {
        std::optional<TimePoint> earliest = broker_.next_start();
        if (const auto other = worker_.next_start(); other && (!earliest || *other < *earliest)) {
            earliest = other;
        }
        return earliest;
    }

    // Ends it politely, and by force after `timeout` or a second signal.
    void stop(Service& service, milliseconds timeout) {
        service.stop(SIGTERM);
        const TimePoint deadline = now() + timeout;
        while (service.is_running()) {
            if (now() >= deadline || hurry_) {
                service.stop(SIGKILL);
            }
            wait(hurry_ ? now() + milliseconds(10) : deadline);
            service.tend(now());
        }
    }

    void wait(std::optional<TimePoint> until) {
        std::array<pollfd, 3> watched{{{signals_.descriptor(), POLLIN, 0},
                                       {broker_.descriptor(), POLLIN, 0},
                                       {worker_.descriptor(), POLLIN, 0}}};
        int timeout_ms = -1;
        if (until) {
            const auto rest = std::chrono::ceil<milliseconds>(*until - now());
            timeout_ms = static_cast<int>(std::max(rest, milliseconds::zero()).count());
        }
        static_cast<void>(::poll(watched.data(), watched.size(), timeout_ms));
        while (signals_.next()) {
            hurry_ = stop_asked_;
            stop_asked_ = true;
        }
    }

    Service& broker_;
    Service& worker_;
    process::SignalQueue& signals_;
    milliseconds drain_timeout_{0};
    bool stop_asked_ = false;
    bool hurry_ = false;
};

void greet(const UpOptions& options, const DataFolder& folder, const Output& output) {
    const std::string server = options.frontend == Globals{}.server
                                   ? std::string()
                                   : fmt::format("--server {} ", options.frontend);
    output.note(
        fmt::format("Penstock is starting.\n"
                    "  producers  {}\n"
                    "  workers    {}\n"
                    "  data       {}\n"
                    "Try: penstock {}submit math.double '[1,2,3]' --wait\n"
                    "Ctrl-C stops it.",
                    options.frontend, options.backend, folder.path().string(), server));
}

int run_up(const UpOptions& options, const Globals&, const Output& output) {
    const Result<std::string> broker_program = find_program("penstock-broker");
    const Result<std::string> worker_program = find_program("penstock-worker");
    if (!broker_program || !worker_program) {
        return report(output, broker_program ? worker_program.error() : broker_program.error());
    }
    const Result<DataFolder> folder = DataFolder::open(options.data);
    if (!folder) {
        output.error(folder.error().message);
        return exit_status(ExitCode::error);
    }
    process::SignalQueue signals;
    greet(options, *folder, output);
    const std::optional<std::string> local = local_backend(*folder);
    Service broker(broker_command(*broker_program, options, local), output);
    Service worker(worker_command(*worker_program, options, local), output);
    Household household(broker, worker, signals);
    household.set_drain_timeout(options.drain_timeout);
    const int status = household.run();
    output.note("Penstock has stopped.");
    return status;
}

}  // namespace

void add_up(CLI::App& app, Selection& selection) {
    add_command<UpOptions>(app, selection, "up", "Run a broker and workers here, until Ctrl-C",
                           describe, run_up);
}

}  // namespace penstock::cli
