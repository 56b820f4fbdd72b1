#include "worker/shell/config.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <utility>

#include "common/model/result.hpp"
#include "common/model/task.hpp"
#include "common/process/usable_cores.hpp"
#include "worker/shell/slot_page.hpp"

namespace penstock::worker {
namespace {

constexpr const char* examples = R"(
# one process per core, for the broker of this machine
$ penstock-worker
# for a broker on another machine, in a network that is trusted
$ penstock-worker --broker tcp://10.0.0.5:5751 --insecure --label zone=b
$ penstock-worker --queues images,thumbnails --processes 2
)";

// More processes than this are a typing error: they would outnumber the cores of any machine.
constexpr unsigned processes_max = 4096;

// What the command line gives, before it is checked.
struct Texts {
    std::string broker = "tcp://127.0.0.1:5751";
    std::string processes = "auto";
    std::string threads = "auto";
    std::vector<std::string> queues;
    std::vector<std::string> labels;
    std::string metrics = "127.0.0.1:9751";
    std::string log_level = "info";
    bool insecure = false;
    std::string role = "supervisor";
};

void describe_work(CLI::App& app, Texts& texts) {
    app.add_option("--broker", texts.broker, "the broker's backend: tcp://HOST:PORT or ipc://PATH")
        ->type_name("ENDPOINT")
        ->capture_default_str();
    app.add_option("--processes", texts.processes,
                   "how many; auto: one per core that mask and quota leave")
        ->type_name("auto|N")
        ->capture_default_str();
    app.add_option("--threads", texts.threads,
                   "tasks computed at a time per process; auto: 1, and 4 that wait")
        ->type_name("auto|N")
        ->capture_default_str();
    app.add_option("--queues", texts.queues, "serve only these, separated by commas")
        ->type_name("A,B")
        ->delimiter(',');
    app.add_option("--label", texts.labels, "tell who looks about this worker; may be repeated")
        ->type_name("KEY=VALUE");
}

void describe_operation(CLI::App& app, Texts& texts, Config& config) {
    process::add_duration(app, "--drain-timeout", config.drain_timeout,
                          "what still runs so long after SIGTERM is given up");
    process::add_size_or_auto(
        app, "--shm-size", config.shm_bytes,
        "shared memory in which a process sends large results on this host "
        "(auto: an eighth of what /dev/shm has free, at most 256MiB; 0: none)");
    app.add_option("--metrics", texts.metrics, "where Prometheus finds the numbers, or off")
        ->type_name("HOST:PORT|off")
        ->capture_default_str();
    app.add_flag("--insecure", texts.insecure,
                 "allow a broker on another machine; there are no keys yet");
    app.add_option("--log-level", texts.log_level, "debug, info, warning or error")
        ->envname("PENSTOCK_LOG_LEVEL")
        ->capture_default_str();
    // For the supervisor's children; an empty group keeps them out of the help.
    app.add_option("--role", texts.role)->group("")->configurable(false);
    app.add_option("--process-number", config.process_number)->group("")->configurable(false);
    app.add_flag("--log-colors", config.log_colors)->group("")->configurable(false);
}

// `values` gets one list for each option, and must outlive the app.
void describe_handlers(CLI::App& app, const std::vector<HandlerOption>& options,
                       std::vector<std::vector<std::string>>& values) {
    values.resize(options.size());
    for (std::size_t i = 0; i < options.size(); ++i) {
        app.add_option(options[i].flag, values[i], options[i].help)
            ->type_name(options[i].form)
            ->allow_extra_args(false);
    }
}

Result<void> hand_over(const std::vector<HandlerOption>& options,
                       const std::vector<std::vector<std::string>>& values) {
    for (std::size_t i = 0; i < options.size(); ++i) {
        if (const Result<void> taken = options[i].take(values[i]); !taken) {
            return fail(taken.error().code, options[i].flag + ": " + taken.error().message);
        }
    }
    return {};
}

// "auto", or a whole number in 1..most.
Result<unsigned> read_count(const std::string& option, const std::string& text, unsigned automatic,
                            unsigned most) {
    if (text == "auto") {
        return automatic;
    }
    unsigned count = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, count);
    if (error != std::errc{} || rest != end || count < 1 || count > most) {
        return fail(ErrorCode::malformed,
                    option + ": '" + text + "' is neither auto nor 1 to " + std::to_string(most));
    }
    return count;
}

Result<transport::Endpoint> check_broker(const Texts& texts) {
    Result<transport::Endpoint> endpoint = transport::parse_server_endpoint(texts.broker);
    if (endpoint && !endpoint->is_local && !texts.insecure) {
        return fail(ErrorCode::insecure,
                    texts.broker +
                        " is another machine, and there are no keys yet: say --insecure if you "
                        "trust everybody on the way");
    }
    return endpoint;
}

Result<void> check_names(const Texts& texts) {
    for (const std::string& queue : texts.queues) {
        if (!is_valid_name(queue)) {
            return fail(
                ErrorCode::malformed,
                "--queues: '" + queue + "' is no name: use 1 to 128 letters, digits and . _ - :");
        }
    }
    for (const std::string& label : texts.labels) {
        const auto equals = label.find('=');
        if (equals == std::string::npos || !is_valid_name(label.substr(0, equals)) ||
            !is_valid_name(label.substr(equals + 1)) || label.size() > name_bytes_max) {
            return fail(ErrorCode::malformed,
                        "--label: '" + label + "' is not KEY=VALUE, such as zone=b");
        }
    }
    return {};
}

// HOST:PORT on which something can listen; nothing for "off".
Result<std::optional<std::string>> read_metrics(const std::string& text) {
    if (text == "off") {
        return std::nullopt;
    }
    constexpr std::string_view scheme = "tcp://";
    const auto endpoint = transport::parse_server_endpoint(std::string(scheme) + text);
    if (!endpoint) {
        return fail(ErrorCode::malformed, "--metrics: '" + text +
                                              "' is neither off nor HOST:PORT, such as "
                                              "127.0.0.1:9751, or 0.0.0.0:9751 for all networks");
    }
    return endpoint->text.substr(scheme.size());
}

Result<Role> read_role(const std::string& text) {
    constexpr std::pair<std::string_view, Role> roles[] = {
        {"supervisor", Role::supervisor}, {"process", Role::process}, {"reporter", Role::reporter}};
    for (const auto& [name, role] : roles) {
        if (name == text) {
            return role;
        }
    }
    return fail(ErrorCode::malformed, "--role: there is no '" + text + "'");
}

Result<Config> check(const Texts& texts, Config config) {
    const auto broker = check_broker(texts);
    const auto processes =
        read_count("--processes", texts.processes, process::usable_cores(), processes_max);
    const auto threads = read_count("--threads", texts.threads, 1,
                                    static_cast<unsigned>(slots_max) - config.wait_slots);
    const auto names = check_names(texts);
    const auto role = read_role(texts.role);
    const auto metrics = read_metrics(texts.metrics);
    const Error* error = !broker      ? &broker.error()
                         : !processes ? &processes.error()
                         : !threads   ? &threads.error()
                         : !names     ? &names.error()
                         : !metrics   ? &metrics.error()
                         : !role      ? &role.error()
                                      : nullptr;
    if (error != nullptr) {
        return tl::unexpected(*error);
    }
    config.broker = *broker;
    config.processes = *processes;
    config.cpu_slots = *threads;
    config.role = *role;
    config.queues = texts.queues;
    config.labels = texts.labels;
    config.metrics = *metrics;
    if (!telemetry::parse_level(texts.log_level, config.log_level)) {
        return fail(ErrorCode::malformed, "--log-level: '" + texts.log_level +
                                              "' is none of debug, info, warning, error");
    }
    return config;
}

std::string program_name(const char* path) {
    const std::string name(path);
    return name.substr(name.rfind('/') + 1);
}

std::string examples_for(const std::string& program) {
    constexpr std::string_view ours = "penstock-worker";
    std::string text(examples);
    for (std::size_t at = text.find(ours); at != std::string::npos;
         at = text.find(ours, at + program.size())) {
        text.replace(at, ours.size(), program);
    }
    return text;
}

}  // namespace

std::optional<Config> read_config(int argc, const char* const* argv, process::ExitCode& exit,
                                  const std::vector<HandlerOption>& options) {
    Config config;
    config.program = program_name(argv[0]);
    CLI::App app{"A Penstock worker: runs tasks on every usable core of this machine.",
                 config.program};
    Texts texts;
    std::vector<std::vector<std::string>> handler_values;
    process::apply_conventions(app, "worker", {examples_for(config.program), ""});
    describe_work(app, texts);
    describe_operation(app, texts, config);
    describe_handlers(app, options, handler_values);
    if (const auto leave = process::parse(app, argc, argv)) {
        exit = *leave;
        return std::nullopt;
    }
    Result<Config> checked = check(texts, std::move(config));
    if (const Result<void> taken = hand_over(options, handler_values); checked && !taken) {
        checked = tl::unexpected(taken.error());
    }
    if (!checked) {
        static_cast<void>(std::fprintf(stderr, "%s: %s\n", app.get_name().c_str(),
                                       checked.error().message.c_str()));
        exit = process::ExitCode::usage;
        return std::nullopt;
    }
    return std::move(*checked);
}

}  // namespace penstock::worker
