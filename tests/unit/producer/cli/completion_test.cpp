#include "producer/cli/completion.hpp"

#include <algorithm>

#include "producer/cli/completion_parts.hpp"
#include "tests/support/catch.hpp"

namespace penstock::cli {
namespace {

struct Wheel {
    Wheel() : app("Turns", "wheel") {
        app.add_flag("-q,--quiet", quiet, "Says nothing");
        CLI::App* const turn = app.add_subcommand("turn", "It's turned")->alias("spin");
        turn->add_option("--way", text, "Which way")->type_name("left|right|DEGREES");
        turn->add_option("--log", text, "Where to");
        turn->add_option("--speed", text, "How fast")->check(CLI::IsMember({"slow", "fast"}));
        turn->add_option("--place", text, "Where")->type_name(saved_context_kind);
        turn->add_option("--times", number, "How often")->check(CLI::Range(1, 9));
        turn->add_option("--secret", text, "Nobody's business")->group("");
        turn->add_option("HOW", text, "How")->type_name("slow|fast");
        app.add_subcommand("hidden", "Nobody's business")->group("");
    }
    CLI::App app;
    bool quiet = false;
    std::string text;
    int number = 0;
};

const OptionNode& option(const CommandNode& command, const std::string& name) {
    const auto has_name = [&name](const OptionNode& node) { return node.names.front() == name; };
    const auto found = std::ranges::find_if(command.options, has_name);
    REQUIRE(found != command.options.end());
    return *found;
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

TEST_CASE("the tree has commands, options and choices, and nothing that is hidden") {
    const CommandNode tree = command_tree(Wheel().app);
    REQUIRE(tree.commands.size() == 1);
    const CommandNode& turn = tree.commands.front();
    REQUIRE(turn.aliases == std::vector<std::string>{"spin"});
    REQUIRE(turn.arguments.choices == std::vector<std::string>{"slow", "fast"});
    REQUIRE(std::ranges::none_of(
        turn.options, [](const OptionNode& node) { return node.names.front() == "--secret"; }));
    REQUIRE(option(turn, "--way").takes_value);
    REQUIRE(option(turn, "--way").values.choices == std::vector<std::string>{"left", "right"});
    REQUIRE_FALSE(tree.options.back().takes_value);
}

TEST_CASE("what the parser checks a value against is known") {
    const CommandNode tree = command_tree(Wheel().app);
    const CommandNode& turn = tree.commands.front();
    REQUIRE(option(turn, "--speed").values.choices == std::vector<std::string>{"slow", "fast"});
    REQUIRE(option(turn, "--place").values.has_contexts);
    REQUIRE(option(turn, "--times").values.empty());
    REQUIRE(option(turn, "--log").values.empty());
}

TEST_CASE("what a command has in common with the program is the program's") {
    const CommandNode tree = command_tree(Wheel().app);
    const auto own = own_options(tree, tree.commands.front());
    REQUIRE(std::ranges::none_of(
        own, [](const OptionNode& node) { return node.names.front() == "--help"; }));
    REQUIRE(own.size() + 1 == tree.commands.front().options.size());
    REQUIRE(own_options(tree, tree).empty());
}

TEST_CASE("words are in quotes only where a shell would take them apart") {
    REQUIRE(word_list({"left", "--log", "a b", "it's"}) == R"(left --log 'a b' 'it'\''s')");
}

TEST_CASE("every shell is offered the commands, the options and the choices") {
    const CommandNode tree = command_tree(Wheel().app);
    for (const std::string& script :
         {bash_completion(tree), zsh_completion(tree), fish_completion(tree)}) {
        REQUIRE(contains(script, "turn"));
        REQUIRE(contains(script, "left right"));
        REQUIRE(contains(script, "spin"));
        REQUIRE(contains(script, "quiet"));
        REQUIRE_FALSE(contains(script, "secret"));
    }
}

TEST_CASE("quotes in descriptions do not end the shell's own") {
    const CommandNode tree = command_tree(Wheel().app);
    REQUIRE(contains(zsh_completion(tree), R"('turn:It'\''s turned')"));
    REQUIRE(contains(fish_completion(tree), R"(-d 'It\'s turned')"));
}

}  // namespace
}  // namespace penstock::cli
