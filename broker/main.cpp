// penstock-broker: reads its configuration, builds the parts, runs until told to stop. Or does what
// one of its commands says.
#include <algorithm>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "broker/allocator.hpp"
#include "broker/archive/archive.hpp"
#include "broker/offline/commands.hpp"
#include "broker/offline/salvaging.hpp"
#include "broker/shell/broker_loop.hpp"
#include "broker/shell/config.hpp"
#include "broker/shell/rebuild_archive.hpp"
#include "broker/store/log/journal_id.hpp"
#include "broker/store/log/posix_files.hpp"
#include "broker/store/memory_journal.hpp"
#include "broker/store/segmented_log.hpp"
#include "common/process/background_threads.hpp"
#include "common/process/open_files.hpp"
#include "common/process/shutdown.hpp"
#include "common/process/usable_cores.hpp"
#include "common/shm/segment.hpp"
#include "common/telemetry/log.hpp"
#include "common/transport/spin.hpp"

namespace penstock::broker {
namespace {

// Each peer is a connection. At the limit ZeroMQ accepts no more on tcp, without a word, and aborts
// on ipc (ipc_listener.cpp of 4.3.4), so the limit is as high as it may be and a low one is told.
void make_room_for_peers() {
    constexpr std::uint64_t usual_min = 4'096;
    const std::uint64_t limit = process::raise_open_files();
    if (limit < usual_min) {
        telemetry::warning(
            "only {} open files are allowed, about as many peers can connect; raise the hard limit "
            "(ulimit -Hn, or LimitNOFILE= of the service)",
            limit);
    }
}

Result<std::unique_ptr<Journal>> open_journal(const Config& config) {
    if (config.memory) {
        return std::make_unique<MemoryJournal>();
    }
    if (config.accept_damage) {
        if (Result<void> accepted = offline::accept_damage(config.data); !accepted) {
            return tl::unexpected(accepted.error());
        }
    }
    Result<std::unique_ptr<Folder>> folder =
        open_folder(std::filesystem::path(config.data) / "journal");
    if (!folder) {
        return tl::unexpected(folder.error());
    }
    return std::make_unique<SegmentedLog>(*std::move(folder), config.log, random_journal_id());
}

ArchiveOptions archive_options(const Config& config) {
    ArchiveOptions options = config.archive;
    if (config.memory) {
        // As much as of results: both are in memory then.
        constexpr std::uint64_t memory_max = std::uint64_t{256} << 20U;
        options.limits.bytes_max = std::min(options.limits.bytes_max, memory_max);
    } else {
        options.path = (std::filesystem::path(config.data) / "archive.sqlite").string();
    }
    return options;
}

int run(int argc, const char* const* argv) {
    process::ExitCode exit = process::ExitCode::ok;
    offline::Command command;
    const auto config = read_config(argc, argv, exit, [&command](CLI::App& app) {
        offline::add_commands(app, command);
        add_rebuild_archive(app, command);
    });
    if (!config) {
        const bool is_asked = command && exit == process::ExitCode::ok;
        return static_cast<int>(is_asked ? command() : exit);
    }
    telemetry::start_log("penstock-broker", config->log_level);
    process::SignalQueue signals;
    make_room_for_peers();
    if (const std::size_t swept = shm::sweep(); swept > 0) {
        telemetry::info("removed shared memory of processes that were killed segments={}", swept);
    }
    if (process::usable_cores() < 2) {
        transport::Spin::never();
    }
    transport::Context context;
    const Result<std::unique_ptr<Journal>> journal = open_journal(*config);
    if (!journal) {
        telemetry::error("{}", journal.error().message);
        return static_cast<int>(process::ExitCode::error);
    }
    Archive archive(archive_options(*config));
    archive.open();
    // ZeroMQ begins its threads with the first socket, which the loop makes.
    std::optional<process::BackgroundThreads> background(std::in_place);
    const MemoryKeeper memory_keeper;
    BrokerLoop loop(*config, **journal, archive, context);
    background.reset();
    if (const auto ready = loop.recover().and_then([&] { return loop.bind(*config); }); !ready) {
        telemetry::error("{}", ready.error().message);
        if (ready.error().code == ErrorCode::malformed) {
            telemetry::error(
                "nothing was changed: `penstock-broker check {}` looks at all of it, and with "
                "--accept-damage a broker starts with what can be read",
                config->data);
        }
        return static_cast<int>(process::ExitCode::error);
    }
    telemetry::info("ready durability={}", name((*journal)->level()));
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
