#include "producer/cli/completion_parts.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <string_view>

namespace penstock::cli {
namespace {

void walk_from(const CommandNode& command, const std::string& path, const Visit& visit) {
    visit(command, path);
    for (const CommandNode& child : command.commands) {
        walk_from(child, path + " " + child.name, visit);
    }
}

bool is_plain(const std::string& word) {
    return !word.empty() && std::ranges::all_of(word, [](char letter) {
        return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') ||
               letter == '-';
    });
}

// "offer=(memory disk) "
std::string assignments(const KnownValues& values) {
    std::string text;
    if (!values.choices.empty()) {
        text += "offer=(" + word_list(values.choices) + ") ";
    }
    return text + (values.has_contexts ? "contexts=yes " : "");
}

// One line for each option that takes a value. `any` is the pattern in front of the path.
std::string value_lines(const std::vector<OptionNode>& options, const std::string& any,
                        const std::string& path) {
    std::string text;
    for (const OptionNode& option : options) {
        if (!option.takes_value) {
            continue;
        }
        std::vector<std::string> patterns;
        std::ranges::transform(
            option.names, std::back_inserter(patterns),
            [&](const std::string& name) { return any + quoted(path + " " + name); });
        text +=
            fmt::format("        {}) {};;\n", fmt::join(patterns, "|"), assignments(option.values));
    }
    return text;
}

}  // namespace

void walk(const CommandNode& program, const Visit& visit) {
    walk_from(program, program.name, visit);
}

std::string quoted(const std::string& text, const std::string& quote) {
    std::string result = "'";
    for (const char letter : text) {
        result += letter == '\'' ? quote : std::string(1, letter);
    }
    return result + "'";
}

std::string word_list(const std::vector<std::string>& words) {
    std::string list;
    for (const std::string& word : words) {
        list += (list.empty() ? "" : " ") + (is_plain(word) ? word : quoted(word));
    }
    return list;
}

std::vector<OptionNode> own_options(const CommandNode& program, const CommandNode& command) {
    std::vector<OptionNode> own;
    const auto is_shared = [&program](const OptionNode& option) {
        return std::ranges::any_of(program.options, [&option](const OptionNode& other) {
            return other.names == option.names;
        });
    };
    std::ranges::remove_copy_if(command.options, std::back_inserter(own), is_shared);
    return own;
}

std::string named(std::string text, const CommandNode& program) {
    constexpr std::string_view place = "PROGRAM";
    for (std::size_t at = text.find(place); at != std::string::npos;
         at = text.find(place, at + program.name.size())) {
        text.replace(at, place.size(), program.name);
    }
    return text;
}

std::string step_function(const CommandNode& program) {
    std::string lines;
    walk(program, [&lines](const CommandNode& command, const std::string& path) {
        for (const CommandNode& child : command.commands) {
            std::string patterns = quoted(path + " " + child.name);
            for (const std::string& alias : child.aliases) {
                patterns += "|" + quoted(path + " " + alias);
            }
            lines +=
                fmt::format("        {}) where={} ;;\n", patterns, quoted(path + " " + child.name));
        }
    });
    return fmt::format(
        "# The command that a word leads to.\n"
        "_{}_step() {{\n"
        "    case \"$1\" in\n{}"
        "    esac\n"
        "}}\n",
        program.name, lines);
}

std::string value_function(const CommandNode& program) {
    std::string lines;
    walk(program, [&](const CommandNode& command, const std::string& path) {
        lines += value_lines(own_options(program, command), "", path);
    });
    // Behind every command.
    lines += value_lines(program.options, "*", "");
    return fmt::format(
        "# True for an option that takes a value; then with what is known of that.\n"
        "_{}_value() {{\n"
        "    offer=() contexts=\n"
        "    case \"$1\" in\n{}"
        "        *) return 1 ;;\n"
        "    esac\n"
        "}}\n",
        program.name, lines);
}

}  // namespace penstock::cli
