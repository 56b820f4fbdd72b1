// penstock: the command line of a Penstock broker.
#include <algorithm>
#include <cstdio>
#include <exception>

#include "common/telemetry/log.hpp"
#include "producer/cli/command_tree.hpp"
#include "producer/cli/commands.hpp"
#include "producer/cli/server_choice.hpp"

namespace {

using penstock::cli::Globals;
using penstock::cli::Output;
using penstock::cli::Selection;

constexpr const char* examples = R"(
# broker and workers on this machine, until Ctrl-C
$ penstock up
# in another terminal
$ penstock submit math.double '[1,2,3]' --wait
[2,4,6]
$ penstock image resize photos/ --out-dir small
$ penstock task ls --state dead
)";
constexpr const char* remarks =
    "Exit codes: 0 ok, 1 error, 2 usage, 3 not found, 4 conflict, 5 refused (busy), 7 broker\n"
    "unavailable, 8 wait timed out, 9 task finished but failed, 130 interrupted while waiting.";

void describe_globals(CLI::App& app, Globals& globals) {
    app.add_option("-s,--server", globals.server, "The broker: tcp://HOST:PORT or ipc://PATH")
        ->envname("PENSTOCK_SERVER")
        ->capture_default_str();
    app.add_option("--context", globals.context, "The broker saved under this name")
        ->envname("PENSTOCK_CONTEXT")
        ->type_name(penstock::cli::saved_context_kind);
    app.add_flag("--json", globals.json, "JSON for programs instead of tables for people");
    app.add_flag("-q,--quiet", globals.quiet, "Nothing on stderr but errors");
    penstock::process::add_duration(app, "--timeout", globals.timeout,
                                    "Longest wait; the task goes on (0: none)");
    penstock::process::add_size_or_auto(
        app, "--shm-size", globals.shm_bytes,
        "Shared memory for large payloads to a broker of this host (0: none)");
    app.add_flag("--no-color", globals.no_color, "No colours, as with NO_COLOR set");
    app.add_flag("-v,--verbose", globals.verbose, "Tells on stderr how the connection does");
}

// What the parser has found becomes the server to talk to.
void choose_server(const CLI::App& app, Globals& globals) {
    using penstock::process::Setting;
    const std::vector<Setting> settings = penstock::process::settings_of(app);
    // Neither the environment nor a file counts here: they speak to other commands, too.
    globals.server_asked = std::ranges::any_of(settings, [](const Setting& setting) {
        return setting.origin == penstock::process::Origin::flag &&
               (setting.key == "server" || setting.key == "context");
    });
    auto choice = penstock::cli::choose_server(settings, [] {
        const auto path = penstock::cli::contexts_path();
        return path ? penstock::cli::load_contexts(*path) : penstock::cli::Contexts();
    });
    if (choice) {
        globals.server = std::move(choice->server);
        globals.context = std::move(choice->context);
    } else {
        globals.context.clear();
        globals.no_server = std::move(choice.error());
    }
}

int run(int argc, char** argv) {
    CLI::App app("Submits tasks to a Penstock broker, and looks at it.", "penstock");
    Globals globals;
    Selection selection;
    penstock::process::apply_conventions(app, "", {examples, remarks});
    // Global flags may stand behind the command, too; commands inherit this.
    app.fallthrough();
    app.require_subcommand(1);
    describe_globals(app, globals);
    penstock::cli::add_submit(app, selection, "submit").alias("enqueue");
    penstock::cli::add_map(app, selection);
    penstock::cli::add_image(app, selection);
    penstock::cli::add_task(app, selection);
    penstock::cli::add_queue(app, selection);
    penstock::cli::add_dead(app, selection);
    penstock::cli::add_worker(app, selection);
    penstock::cli::add_broker(app, selection);
    penstock::cli::add_up(app, selection);
    penstock::cli::add_context(app, selection);
    penstock::cli::add_config(app, selection);
    penstock::cli::add_doctor(app, selection);
    penstock::cli::add_completion(app, selection);
    penstock::cli::add_version(app, selection);
    if (const auto leave = penstock::process::parse(app, argc, argv)) {
        return penstock::cli::exit_status(*leave);
    }
    choose_server(app, globals);
    // CLI11 2.4 has no value to give where the option was not, and aborts.
    const CLI::Option& config = *app.get_config_ptr();
    globals.config = config.count() > 0 ? config.as<std::string>() : std::string();
    using penstock::telemetry::Level;
    penstock::telemetry::start_log("penstock", globals.verbose ? Level::debug : Level::error);

    const Output output(globals);
    const int status = selection.command(globals, output);
    if (!Output::flush()) {
        output.error("cannot write the result to stdout");
        return penstock::cli::exit_status(penstock::cli::ExitCode::error);
    }
    return status;
}

}  // namespace

// The named door at which exceptions of libraries stop.
int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception& error) {
        static_cast<void>(std::fprintf(stderr, "penstock: %s\n", error.what()));
        return penstock::cli::exit_status(penstock::cli::ExitCode::error);
    }
}
