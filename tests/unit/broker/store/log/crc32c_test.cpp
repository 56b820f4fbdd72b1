#include "broker/store/log/crc32c.hpp"

#include <string>

#include "tests/support/catch.hpp"

namespace penstock::broker {

TEST_CASE("the checks are those of RFC 3720") {
    std::string ascending(32, '\0');
    for (std::size_t i = 0; i < ascending.size(); ++i) {
        ascending[i] = static_cast<char>(i);
    }
    CHECK(crc32c(as_byte_view(std::string(32, '\0'))) == 0x8A9136AA);
    CHECK(crc32c(as_byte_view(std::string(32, '\xFF'))) == 0x62A8AB43);
    CHECK(crc32c(as_byte_view(ascending)) == 0x46DD794E);
    CHECK(crc32c(as_byte_view("123456789")) == 0xE3069283);
}

TEST_CASE("a check can go on where another ended") {
    CHECK(crc32c(as_byte_view("56789"), crc32c(as_byte_view("1234"))) ==
          crc32c(as_byte_view("123456789")));
    CHECK(crc32c({}, 5) == 5);
}

}  // namespace penstock::broker
