#include "worker/shell/program.hpp"

#include <exception>
#include <functional>
#include <string>
#include <sys/prctl.h>
#include <utility>
#include <vector>

#include "common/process/shutdown.hpp"
#include "common/process/usable_cores.hpp"
#include "common/shm/segment.hpp"
#include "common/telemetry/log.hpp"
#include "common/transport/socket.hpp"
#include "common/transport/spin.hpp"
#include "worker/sdk/catalog.hpp"
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

Result<process::ExitCode> work(const Config& config, const Catalog& catalog) {
    process::SignalQueue signals;
    const Result<SlotPage> page = SlotPage::open(page_descriptor);
    if (!page) {
        return tl::unexpected(page.error());
    }
    if (process::usable_cores() < 2) {
        transport::Spin::never();
    }
    static_cast<void>(shm::sweep());
    transport::Context context;
    WorkerLoop loop(config, catalog, context, page->process(config.process_number));
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

Result<process::ExitCode> run_role(const Config& config, const Catalog& catalog,
                                   std::vector<std::string> arguments) {
    switch (config.role) {
        case Role::supervisor: return supervise(config, std::move(arguments));
        case Role::process: return work(config, catalog);
        case Role::reporter: return report(config);
    }
    return process::ExitCode::error;
}

using ListHandlers = std::function<std::vector<HandlerEntry>()>;

process::ExitCode run_program(int argc, const char* const* argv, const ListHandlers& handlers,
                              const std::vector<HandlerOption>& options) {
    process::ExitCode exit = process::ExitCode::ok;
    const auto config = read_config(argc, argv, exit, options);
    if (!config) {
        return exit;
    }
    const Result<Catalog> catalog = Catalog::of(handlers());
    if (!catalog) {
        telemetry::error("{}", catalog.error().message);
        return process::ExitCode::usage;
    }
    // Started through /proc/self/exe, it would be called "exe" in ps and top.
    static_cast<void>(prctl(PR_SET_NAME, config->program.c_str()));
    using telemetry::Colors;
    telemetry::start_log(config->program, config->log_level,
                         config->log_colors ? Colors::always : Colors::on_terminals);
    const auto ended = run_role(*config, *catalog, std::vector<std::string>(argv + 1, argv + argc));
    if (!ended) {
        telemetry::error("{}", ended.error().message);
        return process::ExitCode::error;
    }
    return *ended;
}

int run_guarded(int argc, const char* const* argv, const ListHandlers& handlers,
                const std::vector<HandlerOption>& options) {
    try {
        return static_cast<int>(run_program(argc, argv, handlers, options));
    } catch (const std::exception& failure) {
        telemetry::error("{}", failure.what());
        return static_cast<int>(process::ExitCode::error);
    }
}

}  // namespace

int run(int argc, const char* const* argv, std::vector<HandlerEntry> handlers) {
    return run_guarded(argc, argv, [&] { return std::move(handlers); }, {});
}

int run(int argc, const char* const* argv, std::vector<HandlerEntry> (*handlers)(),
        const std::vector<HandlerOption>& options) {
    return run_guarded(argc, argv, handlers, options);
}

}  // namespace penstock::worker
