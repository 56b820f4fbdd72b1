#include "producer/cli/number_buffer.hpp"

#include <cstring>

#include "tests/support/catch.hpp"

namespace penstock::cli {
namespace {

TEST_CASE("numbers of a buffer are what was given, and what is in it later") {
    const Result<NumberBuffer> buffer = NumberBuffer::parse("int32:10,-20,30");
    REQUIRE(buffer);
    CHECK(buffer->type_name() == "int32");
    CHECK(buffer->numbers() == Value::array({10, -20, 30}));
    const std::int32_t changed = 15;
    std::memcpy(buffer->memory().bytes().data(), &changed, sizeof changed);
    CHECK(buffer->numbers() == Value::array({15, -20, 30}));
}

TEST_CASE("numbers of each type are printed as people write them") {
    CHECK(NumberBuffer::parse("int64:9223372036854775807")->numbers().dump() ==
          "[9223372036854775807]");
    CHECK(NumberBuffer::parse("float32:0.1,1e30")->numbers().dump() == "[0.1,1e+30]");
    CHECK(NumberBuffer::parse("float64:0.1,-2")->numbers().dump() == "[0.1,-2.0]");
}

TEST_CASE("what is no type with its numbers is refused") {
    for (const char* text :
         {"", "int32", "int32:", "int32:1,", "int32:,1", "int32:1.5", "int8:1", "int32:2147483648",
          "int64:x", "float32:nan", "float64:inf", "float32:1e300", "int32:1 2", ":1"}) {
        INFO(text);
        const Result<NumberBuffer> buffer = NumberBuffer::parse(text);
        REQUIRE_FALSE(buffer);
        CHECK(buffer.error().code == ErrorCode::malformed);
    }
    CHECK(NumberBuffer::parse("int32:" + std::string(100'000, 'x')).error().message.size() < 200);
}

}  // namespace
}  // namespace penstock::cli
