#include <memory>

#include "producer/cli/commands.hpp"
#include "producer/cli/completion.hpp"

namespace penstock::cli {
namespace {

constexpr const char* completion_examples = R"(
# for this bash
$ source <(penstock completion bash)
# for every zsh
$ penstock completion zsh > _penstock
)";
constexpr const char* completion_remarks =
    "Where shells find it: ~/.local/share/bash-completion/completions/penstock (bash), _penstock "
    "in a folder of $fpath\n"
    "(zsh) or ~/.config/fish/completions/penstock.fish (fish).";

struct CompletionOptions {
    std::string shell;
};

void describe_completion(CLI::App& command, CompletionOptions& options) {
    command.add_option("SHELL", options.shell, "Whose script")
        ->type_name("bash|zsh|fish")
        ->required();
    process::add_examples(command, {completion_examples, completion_remarks});
}

int print_script(const CommandNode& program, const std::string& shell, const Output& output) {
    if (shell == "bash") {
        output.text(bash_completion(program));
    } else if (shell == "zsh") {
        output.text(zsh_completion(program));
    } else if (shell == "fish") {
        output.text(fish_completion(program));
    } else {
        return report(output, {ErrorCode::malformed,
                               "completion: '" + shell + "' is none of bash, zsh, fish"});
    }
    return exit_status(ExitCode::ok);
}

}  // namespace

void add_completion(CLI::App& app, Selection& selection) {
    // The app is read when the command runs: then it has all its commands.
    add_command<CompletionOptions>(
        app, selection, "completion", "Print a script that makes a shell complete these commands",
        describe_completion,
        [&app](const CompletionOptions& options, const Globals&, const Output& output) {
            return print_script(command_tree(app), options.shell, output);
        });
}

}  // namespace penstock::cli
