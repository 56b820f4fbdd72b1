#include "common/process/man_options.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <string_view>

#include "common/process/roff.hpp"
#include "common/process/value_form.hpp"

namespace penstock::process {
namespace {

bool is_repeatable(const CLI::Option& option) {
    return option.get_expected_max() >= CLI::detail::expected_max_vector_size;
}

std::string head_of(const CLI::Option& option) {
    const std::string more = is_repeatable(option) ? " ..." : "";
    if (option.get_positional()) {
        return roff_italic(option.get_name(true)) + more;
    }
    std::string head;
    const auto add = [&head](const std::string& name) {
        head += (head.empty() ? "" : ", ") + roff_bold(name);
    };
    for (const std::string& name : option.get_snames()) {
        add("-" + name);
    }
    for (const std::string& name : option.get_lnames()) {
        add("--" + name);
    }
    if (option.get_items_expected_max() == 0) {
        return head;
    }
    return head + " " + roff_italic(value_form(option).kind) + more;
}

// Of several, as they are given: without the brackets of CLI11.
std::string default_of(const CLI::Option& option) {
    const std::string text = option.get_items_expected_max() > 0 ? option.get_default_str() : "";
    const bool is_list = text.starts_with('[') && text.ends_with(']') && is_repeatable(option);
    return is_list ? text.substr(1, text.size() - 2) : text;
}

// Sorted, as they are in a set of addresses.
std::string names_of(const std::set<CLI::Option*>& options) {
    std::vector<std::string> names;
    std::ranges::transform(options, std::back_inserter(names),
                           [](const CLI::Option* option) { return option->get_name(); });
    std::ranges::sort(names);
    return CLI::detail::join(names, ", ");
}

// Where a value may come from, besides the command line; nothing if from nowhere.
std::string sources_of(const CLI::App& app, const CLI::Option& option) {
    std::string text;
    if (!option.get_envname().empty()) {
        text += "Variable: " + roff_bold(option.get_envname()) + ". ";
    }
    const bool has_file = app.get_parent() == nullptr && app.get_config_ptr() != nullptr;
    if (has_file && option.get_configurable() && !option.get_lnames().empty()) {
        text += "In the file: " + roff_bold(option.get_lnames().front()) + ".";
    }
    return text.empty() ? "" : ".br\n" + text + "\n";
}

std::string facts_of(const CLI::App& app, const CLI::Option& option) {
    std::string text;
    const auto fact = [&text](const std::string& word, const std::string& what) {
        text += what.empty() ? "" : " " + word + ": " + roff_text(what) + ".";
    };
    const ValueForm form = value_form(option);
    fact("Allowed", form.range + CLI::detail::join(form.choices, ", "));
    fact("Default", default_of(option));
    fact("Needs", names_of(option.get_needs()));
    fact("Not with", names_of(option.get_excludes()));
    return (text.empty() ? "" : ".br\n" + text.substr(1) + "\n") + sources_of(app, option);
}

}  // namespace

std::vector<const CLI::Option*> options_shown(const CLI::App& app) {
    std::vector<const CLI::Option*> options;
    for (const CLI::Option* option : app.get_options()) {
        const bool is_help = option == app.get_help_ptr() && app.get_parent() != nullptr;
        if (!option->get_group().empty() && !is_help) {
            options.push_back(option);
        }
    }
    std::ranges::stable_partition(
        options, [](const CLI::Option* option) { return option->get_positional(); });
    return options;
}

std::string usage_of(const CLI::App& app) {
    std::string usage;
    const std::vector<const CLI::Option*> options = options_shown(app);
    if (std::ranges::any_of(options, [](const auto* option) { return option->nonpositional(); })) {
        usage = "[OPTIONS]";
    }
    for (const CLI::Option* option : options) {
        if (option->get_positional()) {
            const std::string name = option->get_name(true) + (is_repeatable(*option) ? "..." : "");
            usage += " " + (option->get_required() ? name : "[" + name + "]");
        }
    }
    const auto shown = [](const CLI::App* command) { return !command->get_group().empty(); };
    if (!app.get_subcommands(shown).empty()) {
        usage += " COMMAND";
    }
    return CLI::detail::trim(usage);
}

std::string option_list(const CLI::App& app) {
    std::string list;
    for (const CLI::Option* option : options_shown(app)) {
        list += ".TP\n" + head_of(*option) + "\n" + roff_text(sentence(option->get_description())) +
                "\n" + facts_of(app, *option);
    }
    return list;
}

std::string sentence(std::string text) {
    if (text.empty()) {
        return text;
    }
    constexpr std::string_view ends = ".:!?";
    return ends.find(text.back()) == std::string_view::npos ? text + "." : text;
}

}  // namespace penstock::process
