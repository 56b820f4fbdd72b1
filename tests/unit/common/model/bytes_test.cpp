#include "common/model/bytes.hpp"

#include <memory>
#include <string>

#include "tests/support/catch.hpp"

namespace penstock {
namespace {

TEST_CASE("a slice keeps the buffer alive that it was cut from") {
    auto owner = std::make_shared<std::string>("0123456789");
    const std::weak_ptr<std::string> watched = owner;
    SharedBytes slice;
    {
        const SharedBytes whole(owner, as_byte_view(*owner));
        slice = whole.slice(2, 3);
    }
    owner.reset();
    REQUIRE_FALSE(watched.expired());
    CHECK(as_text(slice.view()) == "234");
    slice = {};
    CHECK(watched.expired());
}

TEST_CASE("a copy does not keep the source alive") {
    auto source = std::make_unique<std::string>("bytes");
    const SharedBytes copy = SharedBytes::copy_of(*source);
    source->assign("other");
    source.reset();
    CHECK(as_text(copy.view()) == "bytes");
}

TEST_CASE("shared bytes are equal when the bytes are, wherever they lie") {
    CHECK(SharedBytes::copy_of("abc") == SharedBytes::copy_of("abc"));
    CHECK(SharedBytes::copy_of("") == SharedBytes());
    CHECK_FALSE(SharedBytes::copy_of("abc") == SharedBytes::copy_of("abd"));
    CHECK_FALSE(SharedBytes::copy_of("abc") == SharedBytes::copy_of("ab"));
}

TEST_CASE("a body's size is that of both parts") {
    const Body body{SharedBytes::copy_of("abc"), SharedBytes::copy_of("12345")};
    CHECK(body.size_bytes() == 8);
    CHECK(Body().size_bytes() == 0);
}

}  // namespace
}  // namespace penstock
