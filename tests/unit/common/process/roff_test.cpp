#include "common/process/roff.hpp"

#include "tests/support/catch.hpp"

namespace penstock::process {
namespace {

TEST_CASE("roff prints what it would take for its own as it stands") {
    REQUIRE(roff_text(".TP") == "\\&.TP");
    REQUIRE(roff_text("'quoted'") == "\\(aqquoted\\(aq");
    REQUIRE(roff_text(R"(a\n "b")") == R"(a\(rsn \(dqb\(dq)");
    REQUIRE(roff_text("--max-attempts") == "\\-\\-max\\-attempts");
    REQUIRE(roff_text("`~^`") == "\\(ga\\(ti\\(ha\\(ga");
    REQUIRE(roff_text("a.b") == "a.b");
}

TEST_CASE("roff text is one line of ASCII") {
    REQUIRE(roff_text("one\ntwo") == "one two");
    REQUIRE(roff_text("…") == "\\[u2026]");
    REQUIRE(roff_text("ü€😀") == "\\[u00FC]\\[u20AC]\\[u1F600]");
}

TEST_CASE("what is not UTF-8 becomes question marks") {
    REQUIRE(roff_text("a\x80z") == "a?z");
    REQUIRE(roff_text("a\xE2\x80") == "a??");
    REQUIRE(roff_text("\xFF") == "?");
    REQUIRE(roff_text("\xED\xA0\x80z") == "???z");
}

TEST_CASE("fonts end where they should, and nothing stays nothing") {
    REQUIRE(roff_bold("-h") == "\\fB\\-h\\fR");
    REQUIRE(roff_italic("FILE") == "\\fIFILE\\fR");
    REQUIRE(roff_bold("").empty());
}

TEST_CASE("literal lines stay lines") {
    REQUIRE(roff_literal("$ ls\n.profile\n") == ".RS 4\n.EX\n$ ls\n\\&.profile\n.EE\n.RE\n");
}

}  // namespace
}  // namespace penstock::process
