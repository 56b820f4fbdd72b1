#include <fmt/format.h>

#include "producer/cli/completion.hpp"
#include "producer/cli/completion_parts.hpp"

namespace penstock::cli {
namespace {

constexpr const char* zsh_main_function = R"zsh(
_PROGRAM() {
    local where=PROGRAM option= contexts= word
    local -a command_list option_list offer
    for word in "${(@)words[2,CURRENT - 1]}"; do
        if [[ $option ]]; then
            option=
        elif _PROGRAM_value "$where $word"; then
            option=$word
        else
            _PROGRAM_step "$where $word"
        fi
    done
    if [[ ! $option && $PREFIX == --*=* ]]; then
        option=${PREFIX%%=*}
        compset -P 1 '*='
    fi
    if [[ $option ]]; then
        _PROGRAM_value "$where $option"
    else
        _PROGRAM_here
        if [[ $PREFIX == -* ]]; then
            _describe -o option option_list
            return
        fi
    fi
    [[ ! $contexts ]] || offer+=(${(f)"$(command PROGRAM context ls --names 2>/dev/null)"})
    if (( $#command_list )); then
        _describe command command_list
    elif [[ $contexts || $#offer -gt 0 ]]; then
        compadd -a offer
    else
        _files
    fi
}
if [ "$funcstack[1]" = "_PROGRAM" ]; then _PROGRAM "$@"; else compdef _PROGRAM PROGRAM; fi
)zsh";

// Each with its description.
std::string described(const std::vector<OptionNode>& options) {
    std::string list;
    for (const OptionNode& option : options) {
        for (const std::string& name : option.names) {
            list += (list.empty() ? "" : " ") + quoted(name + ":" + option.description);
        }
    }
    return list;
}

std::string described(const std::vector<CommandNode>& commands) {
    std::string list;
    for (const CommandNode& command : commands) {
        list += (list.empty() ? "" : " ") + quoted(command.name + ":" + command.description);
    }
    return list;
}

std::string zsh_here_function(const CommandNode& program) {
    std::string lines;
    walk(program, [&](const CommandNode& command, const std::string& path) {
        lines += fmt::format(
            "        {})\n"
            "            command_list=({})\n"
            "            option_list=({})\n"
            "            offer=({}){}\n"
            "            ;;\n",
            quoted(path), described(command.commands), described(own_options(program, command)),
            word_list(command.arguments.choices),
            command.arguments.has_contexts ? " contexts=yes" : "");
    });
    return fmt::format(
        "# What may stand behind a command.\n"
        "_{}_here() {{\n"
        "    contexts=\n"
        "    case \"$where\" in\n{}"
        "    esac\n"
        "    option_list+=({})\n"
        "}}\n",
        program.name, lines, described(program.options));
}

}  // namespace

std::string zsh_completion(const CommandNode& program) {
    return named(
               "#compdef PROGRAM\n# zsh completion of PROGRAM; made by `PROGRAM completion "
               "zsh`\n\n",
               program) +
           step_function(program) + "\n" + value_function(program) + "\n" +
           zsh_here_function(program) + named(zsh_main_function, program);
}

}  // namespace penstock::cli
