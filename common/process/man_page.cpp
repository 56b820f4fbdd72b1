#include "common/process/man_page.hpp"

#include <sstream>
#include <string_view>
#include <utility>
#include <vector>

#include "common/process/examples.hpp"
#include "common/process/man_options.hpp"
#include "common/process/roff.hpp"

namespace penstock::process {
namespace {

constexpr std::string_view exit_codes_mark = "Exit codes: ";
constexpr const char* usual_exit_codes =
    "0 ended as it was asked to, 1 failed and said why, 2 was called with options or a "
    "configuration "
    "that it does not take.";

std::string paragraph(const std::string& text) {
    return text.empty() ? "" : ".PP\n" + roff_text(text) + "\n";
}

// "penstock task ls"
std::string path_of(const CLI::App& app) {
    return (app.get_parent() == nullptr ? "" : path_of(*app.get_parent()) + " ") + app.get_name();
}

// "penstock task ls [OPTIONS]"
std::string heading_of(const CLI::App& command) {
    const std::string usage = usage_of(command);
    return path_of(command) + (usage.empty() ? "" : " " + usage);
}

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
    return app.get_subcommands(
        [](const CLI::App* command) { return !command->get_group().empty(); });
}

// What the remarks say before and after "Exit codes: ".
struct Remarks {
    std::string prose;
    std::string exit_codes;
};

Remarks remarks_of(const CLI::App& app) {
    const std::string text = examples_of(app).remarks;
    const std::size_t mark = text.find(exit_codes_mark);
    if (mark == std::string::npos) {
        return {text, ""};
    }
    const std::size_t end = text.find_last_not_of(" \n", mark == 0 ? 0 : mark - 1);
    return {mark == 0 ? "" : text.substr(0, end + 1), text.substr(mark + exit_codes_mark.size())};
}

std::string name_of(const CLI::App& program) {
    std::string description = program.get_description();
    if (description.ends_with('.')) {
        description.pop_back();
    }
    return roff_text(program.get_name()) + " \\- " + roff_text(description) + "\n";
}

std::string synopsis_of(const CLI::App& program) {
    const bool has_commands = !commands_of(program).empty();
    std::string text = roff_bold(program.get_name()) + " " + roff_text(usage_of(program)) +
                       (has_commands ? " ...\n" : "\n");
    if (has_commands) {
        text += ".br\n" + roff_bold(program.get_name()) + " " + roff_italic("COMMAND") + " " +
                roff_bold("--help") + "\n";
    }
    return text;
}

std::string description_of(const CLI::App& program) {
    std::string text = roff_text(program.get_description()) + "\n";
    text += paragraph(remarks_of(program).prose);
    if (!commands_of(program).empty()) {
        text += paragraph(
            "The options of the program may stand in front of a command or behind it; "
            "those of a command are listed with it.");
    }
    return text;
}

std::string command_text(const CLI::App& command) {
    std::string text = ".SS " + roff_text(heading_of(command)) + "\n" +
                       roff_text(sentence(command.get_description())) + "\n";
    for (const std::string& alias : command.get_aliases()) {
        text += "Also " + roff_bold(alias) + ".\n";
    }
    text += option_list(command);
    const Examples examples = examples_of(command);
    if (!examples.lines.empty()) {
        text += ".PP\nExamples:\n" + roff_literal(examples.lines);
    }
    text += paragraph(examples.remarks);
    for (const CLI::App* verb : commands_of(command)) {
        text += command_text(*verb);
    }
    return text;
}

std::string commands_text(const CLI::App& program) {
    std::string text;
    for (const CLI::App* command : commands_of(program)) {
        text += command_text(*command);
    }
    return text;
}

std::string examples_text(const CLI::App& program) {
    const std::string lines = examples_of(program).lines;
    return lines.empty() ? "" : roff_literal(lines);
}

// "0 ok, 1 error." as a list.
std::string exit_status_of(const CLI::App& program) {
    std::string codes = remarks_of(program).exit_codes;
    if (codes.empty()) {
        codes = usual_exit_codes;
    }
    std::string text;
    std::istringstream rest(codes.substr(0, codes.find_last_not_of(".\n") + 1));
    for (std::string item; std::getline(rest >> std::ws, item, ',');) {
        const std::size_t space = item.find(' ');
        const std::string meaning = space == std::string::npos ? "" : item.substr(space + 1);
        text +=
            ".TP\n" + roff_bold(item.substr(0, space)) + "\n" + roff_text(sentence(meaning)) + "\n";
    }
    return text;
}

std::string variables_of(const CLI::App& app) {
    std::string text;
    for (const CLI::Option* option : options_shown(app)) {
        if (!option->get_envname().empty()) {
            text += ".TP\n" + roff_bold(option->get_envname()) + "\nStands for " +
                    roff_bold(option->get_name()) + ".\n";
        }
    }
    for (const CLI::App* command : commands_of(app)) {
        text += variables_of(*command);
    }
    return text;
}

// A program with a section has a variable for nearly every option; there they are listed already.
std::string environment_of(const CLI::App& program, const std::string& section) {
    const std::string variables = variables_of(program);
    if (variables.empty()) {
        return "";
    }
    const std::string rule =
        "An option on the command line goes before its variable, which goes before the "
        "configuration file.";
    return section.empty() ? rule + "\n" + variables
                           : "The variable of an option is named in OPTIONS. " + rule + "\n";
}

std::string files_of(const CLI::App& program, const std::string& section) {
    const CLI::Option* const config = program.get_config_ptr();
    if (config == nullptr) {
        return "";
    }
    const std::string where = section.empty() ? roff_text("above all tables")
                                              : "in the table " + roff_bold("[" + section + "]");
    return "The file that " + roff_bold(config->get_name()) +
           " names is TOML. It holds options of this program by their names without dashes, " +
           where + ".\n";
}

std::string see_also(const CLI::App& program) {
    std::string text;
    for (const char* name : {"penstock", "penstock-bench", "penstock-broker", "penstock-worker"}) {
        if (name != program.get_name()) {
            text += (text.empty() ? "" : ",\n") + roff_bold(name) + "(1)";
        }
    }
    return text + "\n";
}

std::string title_of(const CLI::App& program) {
    std::string name = program.get_name();
    for (char& letter : name) {
        letter = letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
    }
    // Without a date, so that the same source gives the same page.
    return ".TH " + roff_text(name) +
           " 1 \"\" \"Penstock " PENSTOCK_VERSION
           "\" \"Penstock\"\n"
           // Long names neither split nor spaced out.
           ".nr HY 0\n.nh\n.ad l\n";
}

}  // namespace

std::string man_page(const CLI::App& program, const std::string& section) {
    const std::pair<const char*, std::string> parts[] = {
        {"NAME", name_of(program)},
        {"SYNOPSIS", synopsis_of(program)},
        {"DESCRIPTION", description_of(program)},
        {"OPTIONS", option_list(program)},
        {"COMMANDS", commands_text(program)},
        {"EXAMPLES", examples_text(program)},
        {"EXIT STATUS", exit_status_of(program)},
        {"ENVIRONMENT", environment_of(program, section)},
        {"FILES", files_of(program, section)},
        {"SEE ALSO", see_also(program)},
    };
    std::string page = title_of(program);
    for (const auto& [title, body] : parts) {
        page += body.empty() ? "" : ".SH " + std::string(title) + "\n" + body;
    }
    return page;
}

}  // namespace penstock::process
