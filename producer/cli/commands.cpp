#include "producer/cli/commands.hpp"

namespace penstock::cli {

CLI::App& add_noun(CLI::App& app, const std::string& name, const std::string& help) {
    CLI::App* const noun = app.add_subcommand(name, help);
    noun->require_subcommand(1);
    add_examples(*noun, "  penstock " + name + " --help");
    return *noun;
}

void add_examples(CLI::App& command, const std::string& examples) {
    command.footer("Examples:\n" + examples +
                   "\nThe flags of `penstock --help` may stand here, too.");
}

}  // namespace penstock::cli
