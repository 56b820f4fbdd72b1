#include <fmt/format.h>

#include "producer/cli/completion.hpp"
#include "producer/cli/completion_parts.hpp"

namespace penstock::cli {
namespace {

constexpr const char* at_function = R"(
# Whether the words up to the cursor lead to this command.
function __PROGRAM_at
    set -l where PROGRAM
    set -l option
    for word in (commandline -opc)[2..-1]
        if test -n "$option"
            set option
        else if __PROGRAM_takes_value "$where $word"
            set option $word
        else
            set where (__PROGRAM_step "$where $word" "$where")
        end
    end
    test "$where" = "$argv[1]"
end

)";

std::string fish_quoted(const std::string& text) {
    return quoted(text, "\\'");
}

std::string step_lines(const CommandNode& program) {
    std::string lines;
    walk(program, [&lines](const CommandNode& command, const std::string& path) {
        for (const CommandNode& child : command.commands) {
            const std::string target = fish_quoted(path + " " + child.name);
            lines += "        case " + target;
            for (const std::string& alias : child.aliases) {
                lines += " " + fish_quoted(path + " " + alias);
            }
            lines += "\n            echo " + target + "\n";
        }
    });
    return lines;
}

std::string step_script(const CommandNode& program) {
    return fmt::format(
        "# The command that a word leads to, or else the second argument.\n"
        "function __{}_step\n"
        "    switch $argv[1]\n{}"
        "        case '*'\n"
        "            echo $argv[2]\n"
        "    end\n"
        "end\n",
        program.name, step_lines(program));
}

std::string value_patterns(const std::vector<OptionNode>& options, const std::string& path) {
    std::string patterns;
    for (const OptionNode& option : options) {
        for (const std::string& name : option.names) {
            patterns += option.takes_value ? " " + fish_quoted(path + " " + name) : "";
        }
    }
    return patterns.empty() ? "" : "        case" + patterns + "\n            return 0\n";
}

std::string value_script(const CommandNode& program) {
    std::string lines;
    walk(program, [&](const CommandNode& command, const std::string& path) {
        lines += value_patterns(own_options(program, command), path);
    });
    lines += value_patterns(program.options, "*");
    return fmt::format(
        "# Whether an option takes a value.\n"
        "function __{}_takes_value\n"
        "    switch $argv[1]\n{}"
        "    end\n"
        "    return 1\n"
        "end\n",
        program.name, lines);
}

// What fish makes a list of, in quotes.
std::string offer(const CommandNode& program, const KnownValues& values) {
    std::string list = fmt::format("{}", fmt::join(values.choices, " "));
    if (values.has_contexts) {
        list += list.empty() ? "" : " ";
        list += named("(command PROGRAM context ls --names 2>/dev/null)", program);
    }
    return fish_quoted(list);
}

std::string option_line(const CommandNode& program, const OptionNode& option) {
    std::string text;
    for (const std::string& name : option.names) {
        text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
    }
    if (!option.values.empty()) {
        text += " -x -a " + offer(program, option.values);
    } else if (option.takes_value) {
        text += " -r";
    }
    return text + " -d " + fish_quoted(option.description) + "\n";
}

std::string command_lines(const CommandNode& program, const CommandNode& command,
                          const std::string& here) {
    std::string lines;
    for (const CommandNode& child : command.commands) {
        lines += here + " -f -a " + child.name + " -d " + fish_quoted(child.description) + "\n";
    }
    if (!command.arguments.empty()) {
        lines += here + " -f -a " + offer(program, command.arguments) + "\n";
    }
    for (const OptionNode& option : own_options(program, command)) {
        lines += here + option_line(program, option);
    }
    return lines;
}

}  // namespace

std::string fish_completion(const CommandNode& program) {
    const std::string prefix = "complete -c " + program.name;
    std::string lines;
    for (const OptionNode& option : program.options) {
        lines += prefix + option_line(program, option);
    }
    walk(program, [&](const CommandNode& command, const std::string& path) {
        const std::string here = prefix + fmt::format(" -n \"__{}_at '{}'\"", program.name, path);
        lines += command_lines(program, command, here);
    });
    return named("# fish completion of PROGRAM; made by `PROGRAM completion fish`\n\n", program) +
           step_script(program) + "\n" + value_script(program) + named(at_function, program) +
           lines;
}

}  // namespace penstock::cli
