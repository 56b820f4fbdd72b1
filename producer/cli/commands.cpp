#include "producer/cli/commands.hpp"

namespace penstock::cli {

CLI::App& add_noun(CLI::App& app, const std::string& name, const std::string& help,
                   const std::string& examples) {
    CLI::App* const noun = app.add_subcommand(name, help);
    noun->require_subcommand(1);
    process::add_examples(*noun, {examples, ""});
    return *noun;
}

}  // namespace penstock::cli
