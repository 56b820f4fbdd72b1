#include "producer/cli/element_scanner.hpp"

#include <vector>

#include "tests/support/catch.hpp"

namespace penstock::cli {
namespace {

using Form = ElementScanner::Form;
using ElementStatus = ElementScanner::Status;
using Elements = std::vector<std::string>;

struct Scan {
    Elements elements;
    std::string error;

    friend bool operator==(const Scan&, const Scan&) = default;
};

// Feeds the text in pieces of `piece` bytes.
Scan scan(const std::string& text, std::size_t piece, Form form = Form::guess) {
    ElementScanner scanner(form, 100);
    Scan found;
    std::string element;
    for (std::size_t fed = 0; true;) {
        const Result<ElementStatus> status = scanner.next(element);
        if (!status) {
            found.error = status.error().message;
            REQUIRE(scanner.next(element).value() == ElementStatus::end);
            return found;
        }
        switch (*status) {
            case ElementStatus::element: found.elements.push_back(element); break;
            case ElementStatus::end: return found;
            case ElementStatus::more:
                if (fed >= text.size()) {
                    scanner.finish();
                }
                scanner.feed(text.substr(std::min(fed, text.size()), piece));
                fed += piece;
        }
    }
}

TEST_CASE("an array gives its elements, however it is cut") {
    const std::string text = R"( [1, "a,]\"\\", [2,{"b":[]}] ,{} , -3.5e2] )"
                             "\n";
    const Scan whole{{"1", R"( "a,]\"\\")", R"( [2,{"b":[]}] )", "{} ", " -3.5e2"}, ""};
    for (std::size_t piece = 1; piece <= text.size(); ++piece) {
        REQUIRE(scan(text, piece) == whole);
    }
}

TEST_CASE("lines give one element each, blank ones none, and the last needs no end") {
    for (std::size_t piece = 1; piece < 12; ++piece) {
        REQUIRE(scan("1\n\n {\"a\":2}\r\n  \n3", piece).elements ==
                Elements{"1", " {\"a\":2}\r", "3"});
    }
}

TEST_CASE("lines that are arrays are elements if one says so") {
    REQUIRE(scan("[1]\n[2,3]\n", 4, Form::lines).elements == Elements{"[1]", "[2,3]"});
    REQUIRE(scan("[1]\n[2,3]\n", 4).error.find("--lines") != std::string::npos);
}

TEST_CASE("nothing and an empty array have no elements") {
    for (const char* text : {"", "  \n", "[]", " [ \n ] "}) {
        REQUIRE(scan(text, 1) == Scan{});
    }
}

TEST_CASE("an array that is not whole is refused after what was read") {
    REQUIRE(scan("[1,2", 3) == Scan{{"1"}, "the array does not end: a ']' is missing"});
    REQUIRE(scan("[1,,2]", 9).error == "the array has a comma too many");
    REQUIRE(scan("[1,]", 9).error == "the array has a comma too many");
    REQUIRE(scan("[,]", 9).error == "the array has a comma too many");
    REQUIRE(scan("[\"a]", 9).elements.empty());
}

TEST_CASE("a bracket that closes nothing is left to the reader of the element") {
    REQUIRE(scan("[1},2]", 9).elements == Elements{"1}", "2"});
}

TEST_CASE("an endless element is refused before it fills the memory") {
    REQUIRE(scan("[\"" + std::string(300, 'x'), 10).error.find("larger than") != std::string::npos);
    REQUIRE(scan(std::string(300, '1'), 10).error.find("larger than") != std::string::npos);
}

TEST_CASE("a long text is read to its end") {
    std::string text = "[0";
    for (int i = 1; i < 50'000; ++i) {
        text += "," + std::to_string(i);
    }
    REQUIRE(scan(text + "]", 65'536).elements.size() == 50'000);
}

}  // namespace
}  // namespace penstock::cli
