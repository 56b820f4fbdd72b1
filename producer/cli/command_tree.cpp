#include "producer/cli/command_tree.hpp"

#include <algorithm>
#include <iterator>

#include "common/process/value_form.hpp"

namespace penstock::cli {
namespace {

KnownValues known_values(const CLI::Option& option) {
    const process::ValueForm form = process::value_form(option);
    return {process::named_values(form), form.kind == saved_context_kind};
}

OptionNode option_node(const CLI::Option& option) {
    OptionNode node;
    for (const std::string& name : option.get_lnames()) {
        node.names.push_back("--" + name);
    }
    for (const std::string& name : option.get_snames()) {
        node.names.push_back("-" + name);
    }
    node.description = option.get_description();
    node.takes_value = option.get_items_expected_max() > 0;
    node.values = known_values(option);
    return node;
}

// What is known of one of several arguments.
void add(KnownValues& all, const KnownValues& more) {
    std::ranges::copy(more.choices, std::back_inserter(all.choices));
    all.has_contexts = all.has_contexts || more.has_contexts;
}

}  // namespace

CommandNode command_tree(const CLI::App& app) {
    CommandNode node{app.get_name(), app.get_aliases(), app.get_description()};
    for (const CLI::Option* option : app.get_options()) {
        if (option->get_group().empty()) {
            continue;
        }
        if (option->get_positional()) {
            add(node.arguments, known_values(*option));
        } else {
            node.options.push_back(option_node(*option));
        }
    }
    const auto shown = [](const CLI::App* command) { return !command->get_group().empty(); };
    for (const CLI::App* command : app.get_subcommands(shown)) {
        node.commands.push_back(command_tree(*command));
    }
    return node;
}

}  // namespace penstock::cli
