#include "tests/unit/worker/sdk/fake_context.hpp"
#include "worker/handlers/catalog.hpp"

namespace penstock::worker::test {
namespace {

TEST_CASE("echo gives back its arguments and its payload") {
    const Result<Output> output = run(echo, R"({"a":[1]})", as_byte_view("bytes"));
    REQUIRE(output.has_value());
    CHECK(json_from_value(output->value) == R"({"a":[1]})");
    CHECK(as_text(output->payload.view()) == "bytes");
    CHECK(answer(echo, "null") == "null");
}

}  // namespace
}  // namespace penstock::worker::test
