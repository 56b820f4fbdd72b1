#include "broker/shell/config.hpp"

#include <cstdio>

#include "broker/store/log/sector.hpp"
#include "common/model/result.hpp"
#include "common/protocol/limits.hpp"

namespace penstock::broker {
namespace {

constexpr const char* examples = R"(
# for this machine, on ports 5750 and 5751, with its journal in ./penstock-data
$ penstock-broker
# somewhere else
$ penstock-broker --data /var/lib/penstock
# without a disk: what it knows ends with it
$ penstock-broker --memory
# for producers that may open the socket's folder
$ penstock-broker --frontend ipc:///run/penstock/frontend.sock
# for workers on other machines, too, in a network that is trusted
$ penstock-broker --backend tcp://0.0.0.0:5751 --insecure
)";

// What the command line gives, before it is checked.
struct Texts {
    std::vector<std::string> frontends{"tcp://127.0.0.1:5750"};
    std::vector<std::string> backends{"tcp://127.0.0.1:5751"};
    std::string log_level = "info";
    bool insecure = false;
};

void describe_endpoints(CLI::App& app, Texts& texts) {
    app.add_option("--frontend", texts.frontends,
                   "where producers connect: tcp://HOST:PORT or ipc://PATH; may be repeated")
        ->capture_default_str();
    app.add_option("--backend", texts.backends, "where workers connect; may be repeated")
        ->capture_default_str();
    app.add_flag("--insecure", texts.insecure,
                 "allow endpoints that others can reach: anybody there may submit and run work");
    app.add_option("--log-level", texts.log_level, "debug, info, warning or error")
        ->envname("PENSTOCK_LOG_LEVEL")
        ->capture_default_str();
}

void describe_data(CLI::App& app, Config& config) {
    app.add_option("--data", config.data,
                   "folder for what must survive this process, made if need be")
        ->check([](const std::string& text) {
            return text.empty() ? std::string("is empty; say --memory to do without a disk")
                                : std::string();
        })
        ->type_name("DIR")
        ->capture_default_str();
    app.add_flag(
        "--memory", config.memory,
        "keep tasks in memory only, --data is not used: those that ask for durability disk, "
        "the default, are refused");
    app.add_flag("--accept-damage", config.accept_damage,
                 "start on a damaged journal with what can be read of it; what is lost is logged, "
                 "and the damaged files are kept as journal.damaged-TIME");
    process::add_size(app, "--segment-size", config.log.segment_bytes,
                      "size of the journal's files; at most 1 GiB");
    process::add_size(app, "--disk-reserve", config.log.reserve_bytes,
                      "room kept free for the ends of accepted tasks: without it and a segment, "
                      "new tasks are refused as disk_full");
}

void describe_memory(CLI::App& app, Config& config) {
    app.add_flag("--no-shm", config.no_shared_memory,
                 "large bodies always travel through the sockets, also between processes of this "
                 "host that could share memory");
}

void describe_limits(CLI::App& app, Settings& settings) {
    process::add_duration(app, "--heartbeat", settings.heartbeat,
                          "how often silent peers speak up");
    process::add_duration(app, "--liveness", settings.liveness,
                          "silence after which a peer is lost; several heartbeats");
    app.add_option("--queue-tasks-max", settings.queue_tasks_max,
                   "open tasks per queue; more are refused as busy")
        ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{100'000'000}))
        ->capture_default_str();
    process::add_size(app, "--queue-bytes-max", settings.queue_bytes_max,
                      "bytes of bodies per queue; more are refused as busy");
    app.add_option("--tasks-max", settings.tasks_max,
                   "open tasks over all queues; more are refused as busy")
        ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000}))
        ->capture_default_str();
    process::add_size(app, "--bytes-max", settings.bytes_max,
                      "bytes of bodies over all queues; more are refused as busy");
    process::add_size(app, "--bodies-in-memory", settings.bodies_here_bytes_max,
                      "bytes of bodies kept in memory; those of more tasks wait in the journal");
    process::add_size(app, "--body-max", settings.body_max_bytes, "largest args or payload");
    process::add_size(app, "--results-max", settings.results_bytes_max,
                      "bytes of results kept for those who ask later");
    process::add_duration(app, "--result-ttl", settings.result_ttl,
                          "how long a result is kept at most");
    process::add_duration(
        app, "--dedup-window", settings.dedup_window,
        "how long after it was made an id is known again; older ones are refused");
    app.add_option("--dedup-ids-max", settings.dedup_ids_max,
                   "ids known without their tasks, about 25 bytes each; older ones are refused")
        ->check(CLI::Range(std::uint64_t{1'000}, std::uint64_t{1'000'000'000}))
        ->capture_default_str();
    process::add_duration(
        app, "--no-handler-grace", settings.no_handler_grace,
        "how long a task of a type that nobody offers waits once there are workers");
}

Result<std::vector<transport::Endpoint>> check_endpoints(const std::vector<std::string>& texts,
                                                         bool insecure) {
    std::vector<transport::Endpoint> endpoints;
    for (const std::string& text : texts) {
        Result<transport::Endpoint> endpoint = transport::parse_endpoint(text);
        if (!endpoint) {
            return tl::unexpected(endpoint.error());
        }
        if (!endpoint->is_local && !insecure) {
            return fail(ErrorCode::insecure,
                        text +
                            " can be reached by others, and there are no keys yet: use "
                            "127.0.0.1 or ipc://, or say --insecure in a network you trust");
        }
        endpoints.push_back(std::move(*endpoint));
    }
    return endpoints;
}

Result<Config> check(const Texts& texts, Config config) {
    auto frontends = check_endpoints(texts.frontends, texts.insecure);
    auto backends = check_endpoints(texts.backends, texts.insecure);
    if (!frontends || !backends) {
        return tl::unexpected(frontends ? backends.error() : frontends.error());
    }
    config.frontends = std::move(*frontends);
    config.backends = std::move(*backends);
    if (!telemetry::parse_level(texts.log_level, config.log_level)) {
        return fail(ErrorCode::malformed, "--log-level: '" + texts.log_level +
                                              "' is none of debug, info, warning, error");
    }
    constexpr std::chrono::milliseconds heartbeat_min{10};
    if (config.settings.heartbeat < heartbeat_min) {
        return fail(ErrorCode::malformed, "--heartbeat: at least 10ms");
    }
    if (config.settings.liveness < 2 * config.settings.heartbeat) {
        return fail(ErrorCode::malformed,
                    "--liveness must be at least twice --heartbeat, or healthy peers are lost");
    }
    if (config.settings.body_max_bytes > protocol::Limits{}.body_max_bytes) {
        return fail(ErrorCode::malformed,
                    "--body-max: at most 32MiB; larger data belongs into a "
                    "store, with its address as the argument");
    }
    constexpr std::chrono::minutes window_min{1};  // a producer's clock and patience
    constexpr std::chrono::hours window_max{10 * 365 * 24};
    if (config.settings.dedup_window < window_min || config.settings.dedup_window > window_max) {
        return fail(ErrorCode::malformed, "--dedup-window: from 1m to 3650d");
    }
    constexpr std::uint64_t segment_min = std::uint64_t{64} << 10U;
    constexpr std::uint64_t segment_max = std::uint64_t{1} << 30U;
    std::uint64_t& segment = config.log.segment_bytes;
    if (segment < segment_min || segment > segment_max) {
        return fail(ErrorCode::malformed, "--segment-size: from 64KiB to 1GiB");
    }
    segment = segment / block_bytes * block_bytes;
    return config;
}

}  // namespace

void add_archive_options(CLI::App& app, std::vector<std::string>& history_queues,
                         ArchiveLimits& limits) {
    app.add_option("--history", history_queues,
                   "queue whose tasks are archived however they end ('*': all queues); may be "
                   "repeated; dead tasks always are")
        ->check([](const std::string& text) {
            return text == "*" || is_valid_name(text)
                       ? std::string()
                       : "'" + text + "' is no name of a queue; '*' stands for all of them";
        })
        ->type_name("QUEUE");
    app.add_option("--archive-tasks-max", limits.tasks_max,
                   "tasks kept in the archive; the oldest are removed")
        ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000}))
        ->capture_default_str();
    process::add_size(app, "--archive-max", limits.bytes_max,
                      "bytes of bodies kept in the archive, with --memory at most 256MiB");
    process::add_duration(app, "--archive-ttl", limits.ttl,
                          "how long a task is kept in the archive");
}

std::optional<Config> read_config(int argc, const char* const* argv, process::ExitCode& exit,
                                  const AddCommands& add_commands) {
    CLI::App app{"The Penstock broker: takes tasks from producers and hands them to workers.",
                 "penstock-broker"};
    Texts texts;
    Config config;
    // What may be on its way to the disk (64 MiB) and the largest turn behind it: a message of each
    // port, 64 MiB at most, and what was drained before it.
    config.log.reserve_bytes = std::uint64_t{224} << 20U;
    process::apply_conventions(app, "broker", {examples, ""});
    describe_endpoints(app, texts);
    describe_data(app, config);
    describe_memory(app, config);
    describe_limits(app, config.settings);
    add_archive_options(app, config.settings.history_queues, config.archive.limits);
    if (add_commands) {
        add_commands(app);
    }
    if (const auto leave = process::parse(app, argc, argv)) {
        exit = *leave;
        return std::nullopt;
    }
    if (!app.get_subcommands().empty()) {
        return std::nullopt;
    }
    Result<Config> checked = check(texts, std::move(config));
    if (!checked) {
        static_cast<void>(
            std::fprintf(stderr, "penstock-broker: %s\n", checked.error().message.c_str()));
        exit = process::ExitCode::usage;
        return std::nullopt;
    }
    return std::move(*checked);
}

}  // namespace penstock::broker
