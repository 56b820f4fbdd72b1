#include "common/process/man_page.hpp"

#include <iostream>
#include <sstream>

#include "common/process/flags.hpp"
#include "tests/support/catch.hpp"

namespace penstock::process {
namespace {

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

// Two of its options exclude each other, a command of it has a verb.
struct DescribedWheel {
    DescribedWheel() : app("Turns the wheel.", "penstock-wheel") {
        apply_conventions(app, "wheel",
                          {"$ penstock-wheel", "It squeaks.\nExit codes: 0 ok, 4 stuck\nfast."});
        app.add_option("-s,--spokes", spokes, "how many spokes")
            ->check(CLI::Range(1, 99))
            ->envname("PENSTOCK_WHEEL_SPOKES")
            ->capture_default_str();
        app.add_option("--secret", text, "nobody's business")->group("");
        CLI::App* const turn = app.add_subcommand("turn", "Turns it")->alias("spin");
        CLI::Option* const left = turn->add_flag("--left", is_left, "To the left");
        turn->add_flag("--right", is_right, "To the right")->excludes(left);
        turn->add_option("HOW", text, "How fast")->required();
        CLI::App* const back = turn->add_subcommand("back", "The other way");
        add_examples(*back, {"$ penstock-wheel turn back", "It is slow."});
        app.add_subcommand("hidden", "nobody's business")->group("");
    }
    [[nodiscard]] std::string page() const { return man_page(app, "wheel"); }

    int spokes = 8;
    bool is_left = false;
    bool is_right = false;
    std::string text;
    CLI::App app;
};

TEST_CASE("a page begins with its title and name") {
    REQUIRE(DescribedWheel().page().starts_with(
        ".TH PENSTOCK\\-WHEEL 1 \"\" \"Penstock " PENSTOCK_VERSION "\" \"Penstock\"\n"));
    REQUIRE(contains(DescribedWheel().page(), ".SH NAME\npenstock\\-wheel \\- Turns the wheel\n"));
}

TEST_CASE("an option has its range, default, variable and key") {
    REQUIRE(
        contains(DescribedWheel().page(),
                 ".TP\n\\fB\\-s\\fR, \\fB\\-\\-spokes\\fR \\fIINT\\fR\nhow many spokes.\n"
                 ".br\nAllowed: 1 to 99. Default: 8.\n"
                 ".br\nVariable: \\fBPENSTOCK_WHEEL_SPOKES\\fR. In the file: \\fBspokes\\fR.\n"));
}

TEST_CASE("commands and their verbs have their usage, options and examples") {
    const std::string page = DescribedWheel().page();
    REQUIRE(contains(page,
                     ".SS penstock\\-wheel turn [OPTIONS] HOW COMMAND\nTurns it.\n"
                     "Also \\fBspin\\fR.\n.TP\n\\fIHOW\\fR\nHow fast.\n"));
    REQUIRE(contains(page, "To the right.\n.br\nNot with: \\-\\-left.\n"));
    REQUIRE(contains(page,
                     ".SS penstock\\-wheel turn back\nThe other way.\n.PP\nExamples:\n"
                     ".RS 4\n.EX\n$ penstock\\-wheel turn back\n.EE\n.RE\n"
                     ".PP\nIt is slow.\n"));
}

TEST_CASE("remarks describe the program, and exit codes become a list") {
    const std::string page = DescribedWheel().page();
    REQUIRE(contains(page, ".SH DESCRIPTION\nTurns the wheel.\n.PP\nIt squeaks.\n"));
    REQUIRE(contains(page, ".SH EXIT STATUS\n.TP\n\\fB0\\fR\nok.\n.TP\n\\fB4\\fR\nstuck fast.\n"));
}

TEST_CASE("what is hidden from the help is not on the page") {
    REQUIRE_FALSE(contains(DescribedWheel().page(), "secret"));
    REQUIRE_FALSE(contains(DescribedWheel().page(), "business"));
    REQUIRE_FALSE(contains(DescribedWheel().page(), "\\-\\-man"));
}

TEST_CASE("every program prints its page, whatever else is missing") {
    const std::ostringstream output;
    std::streambuf* const before = std::cout.rdbuf(output.rdbuf());
    DescribedWheel wheel;
    const std::vector<const char*> arguments{"penstock-wheel", "--man", "turn"};
    const auto left = parse(wheel.app, static_cast<int>(arguments.size()), arguments.data());
    std::cout.rdbuf(before);
    REQUIRE(left == ExitCode::ok);
    REQUIRE(output.str().starts_with(".TH PENSTOCK\\-WHEEL 1 "));
    REQUIRE(output.str().ends_with("(1)\n"));
}

}  // namespace
}  // namespace penstock::process
