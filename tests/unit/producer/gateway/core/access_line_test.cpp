#include "producer/gateway/core/access_line.hpp"

#include "common/protocol/value.hpp"
#include "tests/support/catch.hpp"

namespace penstock::gateway {
namespace {

TEST_CASE("a line of the access log is one JSON object, without the query") {
    Access access;
    access.unix_ms = 1'700'000'000'123;
    access.remote = "127.0.0.1";
    access.method = "POST";
    access.target = "/upload?token=secret";
    access.status = 200;
    access.took = std::chrono::microseconds(1500);
    const Value line = value_from_json(access_line(access)).value();
    REQUIRE(line["time"] == "2023-11-14T22:13:20.123Z");
    REQUIRE(line["path"] == "/upload");
    REQUIRE(line["ms"] == 1.5);
    REQUIRE_FALSE(line.contains("code"));
}

TEST_CASE("no address breaks out of its line") {
    Access access;
    access.target = "/a\"\n{\x01\xff" + std::string(1000, 'x');
    const std::string line = access_line(access);
    REQUIRE(line.find('\n') == std::string::npos);
    REQUIRE(value_from_json(line));
    REQUIRE(line.size() < 1000);
}

}  // namespace
}  // namespace penstock::gateway
