#include "worker/sdk/arguments.hpp"

#include <limits>

#include "tests/support/catch.hpp"

namespace penstock::worker {
namespace {

enum class Colour { red, green };
constexpr std::array colours{Choice<Colour>{"red", Colour::red},
                             Choice<Colour>{"green", Colour::green}};

// Everything that can be read, with one field of each kind.
struct Reading {
    std::int64_t width;
    std::optional<std::int64_t> height;
    bool enlarge;
    Colour colour;
    Result<void> checked;
};

Reading read(std::string_view json) {
    const Value args = value_from_json(json).value();
    Arguments arguments(args);
    Reading reading{arguments.integer("width", {1, 16384}, 800),
                    arguments.optional_integer("height", {-5, 5}),
                    arguments.boolean("enlarge", false),
                    arguments.choice("colour", colours, Colour::green),
                    {}};
    reading.checked = arguments.check();
    return reading;
}

std::string mistake(std::string_view json) {
    const Reading reading = read(json);
    INFO(json);
    REQUIRE_FALSE(reading.checked.has_value());
    CHECK(reading.checked.error().code == ErrorCode::rejected);
    return reading.checked.error().message;
}

TEST_CASE("fields that are given are read") {
    const Reading reading = read(R"({"width":1,"height":-5,"enlarge":true,"colour":"red"})");
    CHECK(reading.checked.has_value());
    CHECK(reading.width == 1);
    CHECK(reading.height == -5);
    CHECK(reading.enlarge);
    CHECK(reading.colour == Colour::red);
}

TEST_CASE("fields that are absent have their fallbacks, and nil has no fields") {
    for (const std::string_view json : {"{}", "null"}) {
        const Reading reading = read(json);
        CHECK(reading.checked.has_value());
        CHECK(reading.width == 800);
        CHECK_FALSE(reading.height.has_value());
        CHECK_FALSE(reading.enlarge);
        CHECK(reading.colour == Colour::green);
    }
}

TEST_CASE("a field of any other kind is read as it is, and refused by whoever reads it") {
    const Value args = value_from_json(R"({"names":["a","b"]})").value();
    Arguments arguments(args);
    REQUIRE(arguments.value("names") != nullptr);
    CHECK(arguments.value("names")->size() == 2);
    CHECK(arguments.value("absent") == nullptr);
    arguments.reject("names: 'b' is taken");
    arguments.reject("names: only the first mistake is told");
    CHECK(arguments.check().error() == Error{ErrorCode::rejected, "names: 'b' is taken"});
}

TEST_CASE("a number out of range is told its range") {
    CHECK(mistake(R"({"width":70000})") == "width: 70000 is out of range; allowed 1..16384");
    CHECK(mistake(R"({"width":0})") == "width: 0 is out of range; allowed 1..16384");
    CHECK(mistake(R"({"height":-6})") == "height: -6 is out of range; allowed -5..5");
    CHECK(mistake(R"({"width":18446744073709551615})") ==
          "width: 18446744073709551615 is out of range; allowed 1..16384");
}

TEST_CASE("a field of the wrong type is told what is allowed") {
    const std::string not_whole = " is not a whole number; allowed 1..16384";
    CHECK(mistake(R"({"width":"800"})") == "width: '800'" + not_whole);
    CHECK(mistake(R"({"width":800.5})") == "width: 800.5" + not_whole);
    CHECK(mistake(R"({"width":null})") == "width: null" + not_whole);
    CHECK(mistake(R"({"width":true})") == "width: true" + not_whole);
    CHECK(mistake(R"({"width":[1]})") == "width: an array" + not_whole);
    CHECK(mistake(R"({"width":{}})") == "width: an object" + not_whole);
    CHECK(mistake(R"({"enlarge":1})") == "enlarge: 1 is not true or false");
}

TEST_CASE("a word that is no choice is told the choices") {
    CHECK(mistake(R"({"colour":"blue"})") == "colour: 'blue' is not one of: red, green");
    CHECK(mistake(R"({"colour":3})") == "colour: 3 is not one of: red, green");
}

TEST_CASE("an unknown field is named, with the known ones and the one probably meant") {
    CHECK(mistake(R"({"widht":1})") ==
          "unknown field 'widht' (did you mean 'width'?); "
          "known fields: width, height, enlarge, colour");
    CHECK(mistake(R"({"zzz":1})") ==
          "unknown field 'zzz'; known fields: width, height, enlarge, colour");
}

TEST_CASE("arguments that are no object are refused") {
    CHECK(mistake("[1]") == "the arguments must be an object with fields, not an array");
    CHECK(mistake("7") == "the arguments must be an object with fields, not 7");
}

TEST_CASE("a field that must be there is missed") {
    const Value args = value_from_json("{}").value();
    Arguments arguments(args);
    CHECK(arguments.integer("ms", {0, 9}) == 0);
    CHECK(arguments.check().error().message == "ms: missing; allowed 0..9");
}

// The message for one field of a nested object that is read as a number.
std::string number_mistake(std::string_view json) {
    const Value args = value_from_json(json).value();
    Arguments arguments(args, "steps[2].blur");
    static_cast<void>(arguments.number("sigma", {0.3, 100}));
    return arguments.check().error().message;
}

TEST_CASE("a number may be whole or not") {
    const Value args = value_from_json(R"({"a":1.5,"b":2})").value();
    Arguments arguments(args);
    CHECK(arguments.number("a", {0.5, 2}) == 1.5);
    CHECK(arguments.number("b", {0.5, 2}) == 2.0);
    CHECK(arguments.number("c", {0.5, 2}, 1) == 1.0);
    CHECK(arguments.check().has_value());
}

TEST_CASE("what is wrong in a nested object is told with its path") {
    const std::string sigma = "steps[2].blur.sigma: ";
    CHECK(number_mistake(R"({"sigma":0.2})") == sigma + "0.2 is out of range; allowed 0.3..100");
    CHECK(number_mistake(R"({"sigma":"1"})") == sigma + "'1' is not a number; allowed 0.3..100");
    CHECK(number_mistake("{}") == sigma + "missing; allowed 0.3..100");
    CHECK(number_mistake(R"({"sigma":1,"sgima":1})") ==
          "steps[2].blur: unknown field 'sgima' (did you mean 'sigma'?); known fields: sigma");
    CHECK(number_mistake("7") == "steps[2].blur: must be an object with fields, not 7");
}

TEST_CASE("not a number is out of every range") {
    const Value args = {{"sigma", std::numeric_limits<double>::quiet_NaN()}};
    Arguments arguments(args);
    static_cast<void>(arguments.number("sigma", {0.3, 100}));
    CHECK(arguments.check().error().message == "sigma: null is out of range; allowed 0.3..100");
}

TEST_CASE("a list has a length that is checked") {
    const auto mistake_in = [](std::string_view json) {
        const Value args = value_from_json(json).value();
        Arguments arguments(args);
        static_cast<void>(arguments.list("steps", {1, 2}));
        return arguments.check().error().message;
    };
    CHECK(mistake_in("{}") == "steps: missing; allowed 1..2 elements");
    CHECK(mistake_in(R"({"steps":7})") == "steps: 7 is not an array; allowed 1..2 elements");
    CHECK(mistake_in(R"({"steps":[]})") == "steps: has 0 elements; allowed 1..2 elements");
    const Value args = value_from_json(R"({"steps":[4,5]})").value();
    Arguments arguments(args);
    CHECK(arguments.list("steps", {1, 2}).back() == 5);
    CHECK(arguments.check().has_value());
}

TEST_CASE("text is taken by its length in bytes and never shown in a message") {
    const Value args = {{"word", "secret"}, {"number", 4711}};
    Arguments arguments(args);
    CHECK(arguments.text("word", {1, 6}) == "secret");
    CHECK_FALSE(arguments.optional_text("absent", {1, 6}));
    CHECK_FALSE(arguments.optional_text("number", {1, 6}));
    CHECK(arguments.check().error().message ==
          "number: number where text is wanted; allowed 1..6 bytes");
    Arguments again(args);
    CHECK(again.text("word", {7, 9}).empty());
    CHECK(again.check().error().message == "word: the text has 6 bytes; allowed 7..9");
    Arguments third(args);
    CHECK(third.text("absent", {7, 9}).empty());
    CHECK(third.check().error().message == "absent: missing; allowed text of 7..9 bytes");
}

TEST_CASE("a field may be read by the handler itself, and its mistake told") {
    const Value args = {{"list", {1, 2}}};
    Arguments arguments(args);
    REQUIRE(arguments.value("list") != nullptr);
    CHECK(arguments.value("list")->size() == 2);
    CHECK(arguments.value("absent") == nullptr);
    CHECK(arguments.check().has_value());
    arguments.reject("list", "too long");
    CHECK(arguments.check().error() == Error{ErrorCode::rejected, "list: too long"});
}

TEST_CASE("the first mistake is the one that is told") {
    CHECK(mistake(R"({"enlarge":1,"width":0,"zzz":1})") ==
          "width: 0 is out of range; allowed 1..16384");
}

TEST_CASE("what is quoted in a message is short and printable") {
    const std::string message = mistake("{\"colour\":\"" + std::string(5000, 'x') + "\"}");
    CHECK(message.size() < 120);
    const Value broken = {{"a\xff\n", 1}};
    Arguments arguments(broken);
    CHECK(arguments.check().error().message ==
          "unknown field 'a\xEF\xBF\xBD\\n'; known fields: none");
}

}  // namespace
}  // namespace penstock::worker
