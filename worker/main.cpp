// penstock-worker: one program in three roles. Started by a person it is the supervisor, which
// starts the worker processes and the reporter.
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "common/process/shutdown.hpp"
#include "common/telemetry/log.hpp"
#include "common/transport/socket.hpp"
#include "worker/shell/config.hpp"
#include "worker/shell/reporter.hpp"
#include "worker/shell/slot_page.hpp"
#include "worker/shell/supervisor.hpp"
#include "worker/shell/worker_loop.hpp"

namespace penstock::worker {
namespace {

Result<process::ExitCode> supervise(const Config& config, std::vector<std::string> arguments) {
    process::SignalQueue signals(true);
    Result<SlotPage> page = SlotPage::create(config.processes);
    if (!page) {
        return tl::unexpected(page.error());
    }
    return Supervisor(config, std::move(arguments), std::move(*page)).run(signals);
}

Result<process::ExitCode> work(const Config& config) {
    process::SignalQueue signals;
    const Result<SlotPage> page = SlotPage::open(page_descriptor);
    if (!page) {
        return tl::unexpected(page.error());
    }
    transport::Context context;
    WorkerLoop loop(config, session_settings(config), context,
                    page->process(config.process_number));
    return loop.run(signals);
}

Result<process::ExitCode> report(const Config& config) {
    process::SignalQueue signals;
    const Result<SlotPage> page = SlotPage::open(page_descriptor);
    if (!page) {
        return tl::unexpected(page.error());
    }
    transport::Context context;
    return Reporter(config, context, *page, reporter_descriptor).run(signals);
}

Result<process::ExitCode> run_role(const Config& config, std::vector<std::string> arguments) {
    switch (config.role) {
        case Role::supervisor: return supervise(config, std::move(arguments));
        case Role::process: return work(config);
        case Role::reporter: return report(config);
    }
    return process::ExitCode::error;
}

int run(int argc, const char* const* argv) {
    process::ExitCode exit = process::ExitCode::ok;
    const auto config = read_config(argc, argv, exit);
    if (!config) {
        return static_cast<int>(exit);
    }
    telemetry::start_log("penstock-worker", config->log_level);
    const auto ended = run_role(*config, std::vector<std::string>(argv + 1, argv + argc));
    if (!ended) {
        telemetry::error("{}", ended.error().message);
        return static_cast<int>(process::ExitCode::error);
    }
    return static_cast<int>(*ended);
}

}  // namespace
}  // namespace penstock::worker

int main(int argc, char** argv) {
    try {
        return penstock::worker::run(argc, argv);
    } catch (const std::exception& failure) {
        penstock::telemetry::error("{}", failure.what());
        return static_cast<int>(penstock::process::ExitCode::error);
    }
}
