#include <fmt/format.h>

#include "producer/cli/completion.hpp"
#include "producer/cli/completion_parts.hpp"

namespace penstock::cli {
namespace {

constexpr const char* line_function = R"(
# The words up to the cursor, in `line`. Bash has split them at '=' and ':'; what it has split off
# the last one stays on the command line, and is in `cut`.
_PROGRAM_line() {
    local word joins=
    line=() cut=
    for word in "${COMP_WORDS[@]:0:COMP_CWORD + 1}"; do
        if [[ $word == [=:]* ]]; then
            line[-1]+=$word
            cut=${line[-1]} joins=yes
        elif [[ $joins ]]; then
            line[-1]+=$word
            joins=
        else
            line+=("$word")
            cut=
        fi
    done
}
)";

constexpr const char* bash_main_function = R"(
_PROGRAM() {
    local where=PROGRAM option= prefix= contexts= cut word
    local -a line words=() options=() offer=()
    _PROGRAM_line
    local current=${line[-1]}
    for word in "${line[@]:1:${#line[@]} - 2}"; do
        if [[ $option ]]; then
            option=
        elif _PROGRAM_value "$where $word"; then
            option=$word
        else
            _PROGRAM_step "$where $word"
        fi
    done
    if [[ ! $option && $current == --*=* ]]; then
        option=${current%%=*} prefix=${current%%=*}=
    fi
    if [[ $option ]]; then
        _PROGRAM_value "$where $option"
    else
        _PROGRAM_here
        offer=("${words[@]}")
        [[ $current != -* ]] || offer=("${options[@]}") contexts=
    fi
    # Where something is known, files are not.
    [[ ! $contexts && ${#offer[@]} == 0 ]] || compopt +o default 2>/dev/null
    [[ ! $contexts ]] ||
        mapfile -t -O ${#offer[@]} offer < <(command PROGRAM context ls --names 2>/dev/null)
    COMPREPLY=()
    for word in "${offer[@]/#/"$prefix"}"; do
        [[ $word != "$current"* ]] || COMPREPLY+=("${word#"$cut"}")
    done
}
complete -o default -F _PROGRAM PROGRAM
)";

std::vector<std::string> names_of(const std::vector<OptionNode>& options) {
    std::vector<std::string> names;
    for (const OptionNode& option : options) {
        names.insert(names.end(), option.names.begin(), option.names.end());
    }
    return names;
}

// What may stand behind each command.
std::string bash_here_function(const CommandNode& program) {
    std::string lines;
    walk(program, [&](const CommandNode& command, const std::string& path) {
        std::vector<std::string> words = command.arguments.choices;
        for (const CommandNode& child : command.commands) {
            words.push_back(child.name);
        }
        lines += fmt::format("        {}) words=({}) options=({}){} ;;\n", quoted(path),
                             word_list(words), word_list(names_of(own_options(program, command))),
                             command.arguments.has_contexts ? " contexts=yes" : "");
    });
    return fmt::format(
        "# What may stand behind a command.\n"
        "_{}_here() {{\n"
        "    contexts=\n"
        "    case \"$where\" in\n{}"
        "    esac\n"
        "    options+=({})\n"
        "}}\n",
        program.name, lines, word_list(names_of(program.options)));
}

}  // namespace

std::string bash_completion(const CommandNode& program) {
    return named("# bash completion of PROGRAM; made by `PROGRAM completion bash`\n\n", program) +
           step_function(program) + "\n" + value_function(program) + "\n" +
           bash_here_function(program) + named(line_function, program) +
           named(bash_main_function, program);
}

}  // namespace penstock::cli
