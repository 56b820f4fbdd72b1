// penstock: the command line of a Penstock broker.
#include <cstdio>
#include <exception>

#include "common/telemetry/log.hpp"
#include "producer/cli/commands.hpp"

namespace {

using penstock::cli::Globals;
using penstock::cli::Output;
using penstock::cli::Selection;

constexpr const char* examples =
    "  penstock up --data penstock-data              broker and workers here, until Ctrl-C\n"
    "  penstock submit math.double '[1,2,3]' --wait\n"
    "  penstock map math.square '[1,2,3,4]' --chunks 2\n"
    "  penstock image resize photos/ --out-dir small\n"
    "  penstock task ls --state dead\n"
    "Exit codes: 0 ok, 1 error, 2 usage, 3 not found, 4 conflict, 5 refused (busy), 7 broker\n"
    "unavailable, 8 wait timed out, 9 task finished but failed.";

void describe_globals(CLI::App& app, Globals& globals) {
    app.add_option("-s,--server", globals.server, "The broker: tcp://HOST:PORT or ipc://PATH")
        ->envname("PENSTOCK_SERVER")
        ->capture_default_str();
    app.add_flag("--json", globals.json, "JSON for programs instead of tables for people");
    app.add_flag("-q,--quiet", globals.quiet, "Nothing on stderr but errors");
    penstock::process::add_duration(app, "--timeout", globals.timeout,
                                    "Longest wait; the task goes on (0: none)");
    app.add_flag("--no-color", globals.no_color, "No colours, as with NO_COLOR set");
    app.add_flag("-v,--verbose", globals.verbose, "Tells on stderr how the connection does");
}

int run(int argc, char** argv) {
    CLI::App app("Submits tasks to a Penstock broker, and looks at it.", "penstock");
    Globals globals;
    Selection selection;
    penstock::process::apply_conventions(app, examples);
    // Global flags may stand behind the command, too; commands inherit this.
    app.fallthrough();
    app.require_subcommand(1);
    describe_globals(app, globals);
    penstock::cli::add_submit(app, selection);
    penstock::cli::add_map(app, selection);
    penstock::cli::add_image(app, selection);
    penstock::cli::add_task(app, selection);
    penstock::cli::add_queue(app, selection);
    penstock::cli::add_worker(app, selection);
    penstock::cli::add_up(app, selection);
    penstock::cli::add_version(app, selection);
    if (const auto leave = penstock::process::parse(app, argc, argv)) {
        return penstock::cli::exit_status(*leave);
    }
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
