#include <memory>

#include "common/protocol/message.hpp"
#include "producer/cli/commands.hpp"

namespace penstock::cli {
namespace {

constexpr const char* version_examples = R"(
$ penstock version
penstock )" PENSTOCK_VERSION R"(, protocol 1
$ penstock version --json
{"protocol":1,"version":")" PENSTOCK_VERSION R"("}
)";

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
        process::add_examples(command, {version_examples, ""});
    };
    add_command<NoOptions>(app, selection, "version", "Print the version", describe, run_version);
}

}  // namespace penstock::cli
