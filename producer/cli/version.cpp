#include <memory>

#include "common/protocol/message.hpp"
#include "producer/cli/commands.hpp"

namespace penstock::cli {
namespace {

struct NoOptions {};

int run_version(const NoOptions&, const Globals&, const Output& output) {
    if (output.json()) {
        output.value({{"version", PENSTOCK_VERSION}, {"protocol", protocol::version}});
    } else {
        output.line("penstock " PENSTOCK_VERSION ", protocol " + std::to_string(protocol::version));
    }
    return exit_status(ExitCode::ok);
}

}  // namespace

void add_version(CLI::App& app, Selection& selection) {
    const auto describe = [](CLI::App& command, NoOptions&) {
        add_examples(command, "  penstock version --json");
    };
    add_command<NoOptions>(app, selection, "version", "Print the version", describe, run_version);
}

}  // namespace penstock::cli
