// penstock-gateway: reads its configuration, builds the parts, serves until told to stop.
#include <algorithm>
#include <chrono>
#include <exception>
#include <poll.h>

#include "common/process/open_files.hpp"
#include "common/process/shutdown.hpp"
#include "common/process/usable_cores.hpp"
#include "common/telemetry/log.hpp"
#include "common/transport/spin.hpp"
#include "producer/gateway/http/server.hpp"
#include "producer/gateway/shell/config.hpp"
#include "producer/gateway/shell/gateway.hpp"

namespace penstock::gateway {
namespace {

using process::ExitCode;
using std::chrono::milliseconds;

constexpr milliseconds probe_every{1'000};
// For those who are late at the end: to take their answer.
constexpr milliseconds last_answers{2'000};
// More would only make a disk seek.
constexpr unsigned disk_threads = 4;

int leave(const Error& error, ExitCode code) {
    telemetry::error("{}", error.message);
    return static_cast<int>(code);
}

// As many connections as there are descriptors for: socket, body and result each.
void fit_connections(Limits& limits) {
    constexpr std::uint64_t others = 128;
    constexpr std::uint64_t for_each = 3;
    const std::uint64_t files = process::raise_open_files();
    const std::uint64_t room = std::max<std::uint64_t>(files, others + 16 * for_each) - others;
    if (room / for_each < limits.connections_max) {
        limits.connections_max = static_cast<std::uint32_t>(room / for_each);
        telemetry::warning(
            "only {} open files are allowed, enough for {} connections; raise the hard limit "
            "(ulimit -Hn, or LimitNOFILE= of the service)",
            files, limits.connections_max);
    }
}

// True if there was one.
bool wait_for_signal(process::SignalQueue& signals, milliseconds timeout) {
    pollfd watched{signals.descriptor(), POLLIN, 0};
    static_cast<void>(::poll(&watched, 1, static_cast<int>(timeout.count())));
    return signals.next().has_value();
}

void serve(process::SignalQueue& signals, Broker& broker) {
    do {
        broker.probe(Instant::read().steady);
    } while (!wait_for_signal(signals, probe_every));
}

// Nobody is let in any more; until those who wait are served, or a second signal.
void drain(const process::SignalQueue& signals, Gateway& gateway, const http::Server& server,
           milliseconds timeout) {
    telemetry::info("draining waiting={}", server.busy());
    gateway.drain();
    server.wait_until_idle(Instant::read().steady + timeout, signals.descriptor());
}

int run_parts(const Config& config, http::File listener, const Folder& folder,
              process::SignalQueue& signals) {
    auto log = AccessLog::open(config.access_log);
    if (!log) {
        return leave(log.error(), ExitCode::error);
    }
    auto broker = Broker::create(config.server, config.durability, config.shm_bytes);
    if (!broker) {
        return leave(broker.error(), ExitCode::usage);
    }
    BodyMemory bodies(config.limits.bodies_bytes_max,
                      [&client = (*broker)->client()](std::size_t bytes) {
                          return client.payload_buffer(bytes);
                      });
    Turnstile uploads(config.limits.uploads_max);
    Turnstile numbers(process_requests_max);
    Turnstile fetches(fetches_max);
    Jobs submitting(1);
    Jobs disk(disk_threads);
    const Workshop workshop{config.limits, folder,  **broker,   bodies, uploads,
                            numbers,       fetches, submitting, disk};
    Gateway gateway(workshop, **log);
    const std::string url = http::url_of(listener);
    auto server = http::Server::start(std::move(listener), config.limits, gateway);
    if (!server) {
        return leave(server.error(), ExitCode::error);
    }
    telemetry::info("ready url={} server={}", url, config.server);
    serve(signals, **broker);
    drain(signals, gateway, *server, config.limits.drain_timeout);
    server->stop(Instant::read().steady + last_answers);
    // In this order: who submits uses the client, whose last words are jobs for the disk.
    submitting.stop();
    broker->reset();
    disk.stop();
    return static_cast<int>(ExitCode::ok);
}

int run(int argc, const char* const* argv) {
    ExitCode exit = ExitCode::ok;
    auto config = read_config(argc, argv, exit);
    if (!config) {
        return static_cast<int>(exit);
    }
    telemetry::start_log("penstock-gateway", config->log_level);
    process::SignalQueue signals;
    if (process::usable_cores() < 2) {
        transport::Spin::never();
    }
    fit_connections(config->limits);
    const auto folder = Folder::open(config->data);
    if (!folder) {
        const bool taken = folder.error().code == ErrorCode::conflict;
        return leave(folder.error(), taken ? ExitCode::conflict : ExitCode::error);
    }
    auto listener = http::listen_at(config->listen);
    if (!listener) {
        return leave(listener.error(), ExitCode::error);
    }
    return run_parts(*config, std::move(*listener), *folder, signals);
}

}  // namespace
}  // namespace penstock::gateway

int main(int argc, char** argv) {
    try {
        return penstock::gateway::run(argc, argv);
    } catch (const std::exception& failure) {
        penstock::telemetry::error("{}", failure.what());
        return static_cast<int>(penstock::process::ExitCode::error);
    }
}
