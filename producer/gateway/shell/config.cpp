#include "producer/gateway/shell/config.hpp"

#include <cstdio>

#include "common/model/result.hpp"
#include "common/protocol/limits.hpp"
#include "producer/client/client.hpp"

namespace penstock::gateway {
namespace {

constexpr const char* examples = R"(
# at http://127.0.0.1:3000, for a broker beside it
$ penstock-gateway
# for everybody who gets there
$ penstock-gateway --listen http://0.0.0.0:3000 --insecure
)";

// What the command line gives, before it is checked.
struct Texts {
    std::string listen = "http://127.0.0.1:3000";
    std::string log_level = "info";
    std::string durability = "disk";
    bool insecure = false;
};

void describe_places(CLI::App& app, Texts& texts, Config& config) {
    app.add_option("--listen", texts.listen, "where callers connect: http://HOST:PORT")
        ->capture_default_str();
    app.add_option("--server", config.server, "the broker's frontend")
        ->envname("PENSTOCK_SERVER")
        ->capture_default_str();
    app.add_option("--data", config.data,
                   "the folder for results (processed/) and what is on its way (spill/)")
        ->capture_default_str();
    app.add_option("--durability", texts.durability,
                   "how safe a task must be before its caller is told that it was accepted")
        ->type_name("memory|disk|replicated")
        ->capture_default_str();
    app.add_flag("--insecure", texts.insecure,
                 "allow an address that others can reach: anybody there may use it");
    app.add_option("--access-log", config.access_log,
                   "a file for one JSON line per request, - for stdout, or off")
        ->capture_default_str();
    app.add_option("--log-level", texts.log_level, "debug, info, warning or error")
        ->envname("PENSTOCK_LOG_LEVEL")
        ->capture_default_str();
}

void describe_limits(CLI::App& app, Limits& limits) {
    process::add_size(app, "--max-body", limits.body_max_bytes, "largest picture");
    process::add_duration(app, "--wait", limits.wait,
                          "how long callers wait who do not say (Prefer: wait=SECONDS)");
    process::add_duration(app, "--wait-max", limits.wait_max, "the longest wait that is allowed");
    process::add_duration(app, "--header-timeout", limits.header_timeout,
                          "how long the head of a request may take");
    process::add_duration(app, "--body-timeout", limits.body_timeout,
                          "how far a body or an answer may lag behind 16 KiB a second");
    process::add_duration(app, "--idle-timeout", limits.idle_timeout,
                          "how long a connection may be without a request");
    process::add_duration(app, "--drain-timeout", limits.drain_timeout,
                          "how long waiting callers are served after SIGTERM");
    app.add_option("--connections-max", limits.connections_max,
                   "connections at a time; more wait to be accepted")
        ->check(CLI::Range(16U, 1'000'000U))
        ->capture_default_str();
    process::add_size(app, "--bodies-in-memory", limits.bodies_bytes_max,
                      "memory for bodies that are on their way in; more come as files");
    app.add_option("--uploads-max", limits.uploads_max,
                   "uploads with the broker at a time; more wait")
        ->check(CLI::Range(1U, 100'000U))
        ->capture_default_str();
}

Result<Config> check(const Texts& texts, Config config) {
    const Result<http::Address> listen = http::parse_address(texts.listen);
    if (!listen) {
        return fail(ErrorCode::malformed, "--listen: " + listen.error().message);
    }
    if (!listen->is_local && !texts.insecure) {
        return fail(ErrorCode::insecure,
                    texts.listen +
                        " can be reached by others, and there are no tokens and no TLS yet: use "
                        "127.0.0.1, or say --insecure in a network you trust");
    }
    config.listen = *listen;
    if (!telemetry::parse_level(texts.log_level, config.log_level)) {
        return fail(ErrorCode::malformed, "--log-level: '" + texts.log_level +
                                              "' is none of debug, info, warning, error");
    }
    const std::optional<Durability> durability = durability_from_name(texts.durability);
    if (!durability) {
        return fail(ErrorCode::malformed,
                    "--durability: '" + texts.durability + "' is none of memory, disk, replicated");
    }
    config.durability = *durability;
    if (config.limits.body_max_bytes > protocol::Limits{}.body_max_bytes) {
        return fail(ErrorCode::malformed, "--max-body: at most 32MiB, the largest body of a task");
    }
    constexpr std::chrono::milliseconds shortest{100};
    if (config.limits.header_timeout < shortest || config.limits.body_timeout < shortest ||
        config.limits.idle_timeout < shortest) {
        return fail(ErrorCode::malformed,
                    "--header-timeout, --body-timeout and --idle-timeout: at least 100ms");
    }
    return config;
}

}  // namespace

std::optional<Config> read_config(int argc, const char* const* argv, process::ExitCode& exit) {
    CLI::App app{"The HTTP gateway of Penstock: uploads and numbers in, results out.",
                 "penstock-gateway"};
    Texts texts;
    Config config;
    config.server = client::Options{}.server;
    process::apply_conventions(app, "gateway", {examples, ""});
    describe_places(app, texts, config);
    process::add_size_or_auto(app, "--shm-size", config.shm_bytes,
                              "shared memory for uploads to a broker of this host (auto: an eighth "
                              "of what /dev/shm has free, at most 256MiB; 0: none)");
    describe_limits(app, config.limits);
    if (const auto leave = process::parse(app, argc, argv)) {
        exit = *leave;
        return std::nullopt;
    }
    Result<Config> checked = check(texts, std::move(config));
    if (!checked) {
        static_cast<void>(
            std::fprintf(stderr, "penstock-gateway: %s\n", checked.error().message.c_str()));
        exit = process::ExitCode::usage;
        return std::nullopt;
    }
    return std::move(*checked);
}

}  // namespace penstock::gateway
