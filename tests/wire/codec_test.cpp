#include "common/protocol/codec.hpp"

#include "tests/support/catch.hpp"
#include "tests/wire/sample_messages.hpp"

namespace penstock::wire_test {
namespace {

using namespace protocol;

TEST_CASE("every message is the same after encoding and decoding") {
    for (const Sample& sample : sample_messages()) {
        INFO(sample.name);
        const Result<Message> decoded = decode(encode(sample.message), Limits{});
        INFO((decoded ? std::string() : decoded.error().message));
        REQUIRE(decoded);
        CHECK(*decoded == sample.message);
    }
}

}  // namespace
}  // namespace penstock::wire_test
