// penstock-broker: reads its configuration, builds the parts, runs until told to stop.
#include <exception>

#include "broker/shell/broker_loop.hpp"
#include "broker/shell/config.hpp"
#include "broker/store/memory_journal.hpp"
#include "common/process/shutdown.hpp"
#include "common/telemetry/log.hpp"

namespace penstock::broker {
namespace {

int run(int argc, const char* const* argv) {
    process::ExitCode exit = process::ExitCode::ok;
    const auto config = read_config(argc, argv, exit);
    if (!config) {
        return static_cast<int>(exit);
    }
    telemetry::start_log("penstock-broker", config->log_level);
    process::SignalQueue signals;
    transport::Context context;
    MemoryJournal journal;
    BrokerLoop loop(*config, journal, context);
    if (const auto bound = loop.bind(*config); !bound) {
        telemetry::error("{}", bound.error().message);
        return static_cast<int>(process::ExitCode::error);
    }
    telemetry::info("ready durability={}", name(journal.level()));
    if (const auto served = loop.run(signals); !served) {
        telemetry::error("the journal failed, nothing can be promised any more: {}",
                         served.error().message);
        return static_cast<int>(process::ExitCode::error);
    }
    return static_cast<int>(process::ExitCode::ok);
}

}  // namespace
}  // namespace penstock::broker

int main(int argc, char** argv) {
    try {
        return penstock::broker::run(argc, argv);
    } catch (const std::exception& failure) {
        penstock::telemetry::error("{}", failure.what());
        return static_cast<int>(penstock::process::ExitCode::error);
    }
}
