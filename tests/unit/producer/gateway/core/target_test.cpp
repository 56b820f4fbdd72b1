#include "producer/gateway/core/target.hpp"

#include "producer/gateway/core/limits.hpp"
#include "tests/support/catch.hpp"

namespace penstock::gateway {
namespace {

TEST_CASE("a target is taken apart and decoded") {
    const auto target = parse_target("/up%6coad?width=300&fit=co%76er&note=a+b&flag#part");
    REQUIRE(target);
    REQUIRE(target->path == "/upload");
    const std::vector<std::pair<std::string, std::string>> query{
        {"width", "300"}, {"fit", "cover"}, {"note", "a b"}, {"flag", ""}};
    REQUIRE(target->query == query);
}

TEST_CASE("a plus in the path is a plus") {
    REQUIRE(parse_target("/a+b")->path == "/a+b");
}

TEST_CASE("the absolute form of proxies is read, too") {
    REQUIRE(parse_target("http://host:3000/upload?width=1")->path == "/upload");
    REQUIRE(parse_target("http://host")->path == "/");
}

TEST_CASE("escapes that are none are 400") {
    for (const char* text : {"/%", "/%4", "/%zz", "/%00", "/a?b=%0", "/a?%=1", "/a?b=%00"}) {
        INFO(text);
        const auto target = parse_target(text);
        REQUIRE_FALSE(target);
        REQUIRE(target.error().status == 400);
    }
}

TEST_CASE("empty pairs count for nothing, and too many pairs are 400") {
    REQUIRE(parse_target("/a?&&x=1&")->query.size() == 1);
    std::string text = "/a?";
    for (std::size_t i = 0; i <= query_pairs_max; ++i) {
        text += "x=1&";
    }
    REQUIRE(parse_target(text).error().status == 400);
}

}  // namespace
}  // namespace penstock::gateway
