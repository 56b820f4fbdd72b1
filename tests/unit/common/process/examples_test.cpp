#include "common/process/examples.hpp"

#include "tests/support/catch.hpp"

namespace penstock::process {
namespace {

struct WheelWithTurn {
    WheelWithTurn()
        : program("Turns", "wheel"), turn(*program.add_subcommand("turn", "Turns it")) {}
    CLI::App program;
    CLI::App& turn;
};

TEST_CASE("examples are indented below their heading, remarks are not") {
    WheelWithTurn wheel;
    add_examples(wheel.program, {"\n# so fast\n$ wheel turn\nturned\n\n", "It squeaks."});
    REQUIRE(wheel.program.get_footer() ==
            "Examples:\n  # so fast\n  $ wheel turn\n  turned\nIt squeaks.");
}

TEST_CASE("nothing is shown where there is nothing to say") {
    WheelWithTurn wheel;
    add_examples(wheel.program, {});
    REQUIRE(wheel.program.get_footer().empty());
}

TEST_CASE("a command's help points to the flags of the program") {
    WheelWithTurn wheel;
    CLI::App* const back = wheel.turn.add_subcommand("back", "The other way");
    add_examples(*back, {"$ wheel turn back", ""});
    REQUIRE(back->get_footer() ==
            "Examples:\n  $ wheel turn back\nThe flags of `wheel --help` may stand here, too.");
}

TEST_CASE("what was given can be read off the help again") {
    WheelWithTurn wheel;
    const Examples given{"$ wheel turn\nturned\n\n  twice\n$ wheel", "It squeaks.\nLoudly."};
    for (CLI::App* const app : {&wheel.program, &wheel.turn}) {
        add_examples(*app, given);
        const Examples found = examples_of(*app);
        REQUIRE(found.lines == given.lines);
        REQUIRE(found.remarks == given.remarks);
    }
}

TEST_CASE("a footer of another form is all remarks") {
    WheelWithTurn wheel;
    wheel.program.footer("Written by hand.\nExamples:\n  none");
    REQUIRE(examples_of(wheel.program).lines.empty());
    REQUIRE(examples_of(wheel.program).remarks == "Written by hand.\nExamples:\n  none");
}

}  // namespace
}  // namespace penstock::process
