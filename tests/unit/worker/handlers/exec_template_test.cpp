#include "tests/support/catch.hpp"
#include "worker/handlers/exec/limits.hpp"
#include "worker/handlers/exec/template.hpp"

namespace penstock::worker::exec {
namespace {

std::string mistake(std::string_view text) {
    const Result<Template> read = read_template(text);
    INFO(text);
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().code == ErrorCode::malformed);
    return read.error().message;
}

Template scaling() {
    return read_template(R"(scale=["/bin/x","{width}","--height={height}"])").value();
}

Result<std::vector<std::string>> filled(std::string_view values_json) {
    const Value values = value_from_json(values_json).value();
    return fill_in(scaling(), &values);
}

TEST_CASE("a template is a name and an argument vector") {
    const Template read = read_template(R"(upper=["/usr/bin/tr","a-z","A-Z"])").value();
    CHECK(read == Template{"upper", {{"/usr/bin/tr", ""}, {"a-z", ""}, {"A-Z", ""}}});
}

TEST_CASE("a placeholder is a whole element, or follows an equals sign at its end") {
    CHECK(scaling().elements[1] == Element{"", "width"});
    CHECK(scaling().elements[2] == Element{"--height=", "height"});
    for (const char* element : {"x{width}", "{width}x", "--a={width}b", "{a}{b}", "={a}="}) {
        CHECK_THAT(mistake(std::string(R"(t=["/bin/x",")") + element + "\"]"),
                   Catch::Matchers::ContainsSubstring("must be all of it, or its end behind '='"));
    }
}

TEST_CASE("braces around what is no name are plain text") {
    for (const char* element : {"{print $1}", "{}", "{1}", "{", "}", "a{,b}"}) {
        const std::string text = std::string(R"(t=["/bin/x",")") + element + "\"]";
        CHECK(read_template(text).value().elements[1] == Element{element, ""});
    }
}

TEST_CASE("what is no template is refused with its name and the element") {
    CHECK(mistake("upper").ends_with(
        R"('upper' is not NAME=ARGV, such as upper=["/usr/bin/tr","a-z","A-Z"])"));
    CHECK(mistake(R"(=["/bin/x"])").find("is not NAME=ARGV") != std::string::npos);
    CHECK(mistake("t=[").starts_with("t: "));
    CHECK(mistake("t=[]") == "t: not an array of 1 to 256 texts");
    CHECK(mistake("t={}") == "t: not an array of 1 to 256 texts");
    CHECK(mistake(R"(t=["/bin/x",1])") == "t: element 1: it is no text");
    CHECK(mistake(R"(t=["x"])") == "t: element 0: it must be the whole path of a program");
    CHECK(mistake(R"(t=["{program}"])") == "t: element 0: it must be the whole path of a program");
    CHECK(mistake(R"(t=["/x={program}"])").find("element 0") != std::string::npos);
    CHECK(mistake(R"(t=["/bin/x","a\u0000b"])") == "t: element 1: a zero byte would end it early");
    CHECK(mistake(R"(t=["/bin/x",")" + std::string(4097, 'a') + "\"]") ==
          "t: element 1: it has 4097 bytes; allowed 4096");
}

TEST_CASE("several templates come in several texts, or in the lines of one") {
    const std::string a = R"(a=["/bin/a"])";
    const std::string b = R"(b=["/bin/b"])";
    CHECK(read_templates({a, b}).value() == read_templates({a + "\n" + b + "\n"}).value());
    CHECK(read_templates({a, b})->size() == 2);
    CHECK(read_templates({})->empty());
    CHECK(read_templates({a, b, a}).error().message == "'a' is there twice");
    std::vector<std::string> many;
    for (std::size_t i = 0; i <= templates_max; ++i) {
        many.push_back("t" + std::to_string(i) + R"(=["/bin/x"])");
    }
    CHECK(read_templates(many).error().message == "there are 65 commands; allowed 64");
}

TEST_CASE("values take their places as they are, whatever a shell would make of them") {
    CHECK(filled(R"({"width":"$(reboot); 'x'","height":-1.5})").value() ==
          std::vector<std::string>{"/bin/x", "$(reboot); 'x'", "--height=-1.5"});
    CHECK(filled(R"({"width":"","height":18446744073709551615})").value() ==
          std::vector<std::string>{"/bin/x", "", "--height=18446744073709551615"});
}

TEST_CASE("a missing, unknown or unfit value is rejected by its name") {
    const auto refused = [](std::string_view values_json) {
        const auto argv = filled(values_json);
        REQUIRE_FALSE(argv.has_value());
        CHECK(argv.error().code == ErrorCode::rejected);
        return argv.error().message;
    };
    CHECK(refused(R"({"width":1})") == "arguments.height: missing; the command 'scale' needs it");
    CHECK(refused(R"({"width":1,"height":2,"depth":3})") ==
          "arguments: the command 'scale' has no place for 'depth'");
    CHECK(refused(R"({"":1})") == "arguments: the command 'scale' has no place for ''");
    CHECK(refused("[1]") == "arguments: an array is not an object with the values of 'scale'");
    CHECK(refused(R"({"width":true,"height":2})") ==
          "arguments.width: true is neither text nor a number");
    CHECK(refused(R"({"width":"a\u0000b","height":2})") ==
          "arguments.width: a zero byte cannot stand in an argument");
    CHECK(refused(R"({"height":2,"width":")" + std::string(4097, 'x') + "\"}") ==
          "arguments.width: the text has 4097 bytes; allowed 0..4096");
    CHECK(fill_in(scaling(), nullptr).error().message.starts_with("arguments.width: missing"));
}

}  // namespace
}  // namespace penstock::worker::exec
