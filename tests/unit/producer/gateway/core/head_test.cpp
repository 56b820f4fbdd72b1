#include "producer/gateway/core/head.hpp"

#include "producer/gateway/core/limits.hpp"
#include "tests/support/catch.hpp"

namespace penstock::gateway {
namespace {

Head with_length(const char* text) {
    Head head;
    head.content_length = text;
    head.content_lengths = 1;
    return head;
}

Head with_coding(const char* text) {
    Head head;
    head.transfer_encoding = text;
    head.transfer_encodings = 1;
    return head;
}

TEST_CASE("a head that two programs may read differently is 400") {
    Head head;
    head.hosts = 1;
    REQUIRE_FALSE(check_head(head));
    head.hosts = 2;
    REQUIRE(check_head(head)->status == 400);
    head.hosts = 1;
    head.is_ambiguous = true;
    REQUIRE(check_head(head)->status == 400);
}

TEST_CASE("names of headers are tokens, and hide no length") {
    for (const char* name : {"Content-Length", "x", "!#$%&'*+-.^_`|~09azAZ"}) {
        REQUIRE_FALSE(is_ambiguous_name(name));
    }
    for (const char* name : {"", "Content-Length ", "a\tb", "a:b", "a(b", "\xc3\xa9",
                             "content-length51", "Transfer-Encodingchunked"}) {
        REQUIRE(is_ambiguous_name(name));
    }
}

TEST_CASE("a head that leaves no room for the reply is 431") {
    Head head;
    head.bytes = head_bytes_max - 2 * field_bytes;
    head.fields = 2;
    REQUIRE_FALSE(check_head(head));
    head.fields = 3;
    REQUIRE(check_head(head)->status == 431);
    head.bytes = 1'000;
    head.fields = head_fields_max;
    REQUIRE_FALSE(check_head(head));
    ++head.fields;
    REQUIRE(check_head(head)->status == 431);
}

TEST_CASE("the length is what one header says, or open with chunks") {
    REQUIRE(announced_length(with_length("17"))->bytes == 17);
    REQUIRE(announced_length(with_length("17"))->has_body);
    REQUIRE_FALSE(announced_length(with_length("0"))->has_body);
    REQUIRE_FALSE(announced_length(Head{})->has_body);
    REQUIRE(announced_length(with_coding("Chunked"))->has_body);
    REQUIRE_FALSE(announced_length(with_coding("chunked"))->bytes);
}

TEST_CASE("lengths that two programs could read differently are 400") {
    Head both = with_length("5");
    both.transfer_encoding = "chunked";
    both.transfer_encodings = 1;
    Head two = with_length("5");
    two.content_lengths = 2;
    Head two_codings = with_coding("chunked");
    two_codings.transfer_encodings = 2;
    for (const Head& head :
         {both, two, two_codings, with_coding("gzip, chunked"), with_coding("identity"),
          with_length("-1"), with_length("+5"), with_length("5x"), with_length(""),
          with_length("0x10"), with_length("99999999999999999999")}) {
        INFO(head.content_length << "|" << head.transfer_encoding);
        const auto length = announced_length(head);
        REQUIRE_FALSE(length);
        REQUIRE(length.error().status == 400);
    }
}

TEST_CASE("a body that is needed has a length, and not too much of it") {
    REQUIRE(expected_length(Head{}, 100).error().status == 411);
    REQUIRE(expected_length(with_length("101"), 100).error().status == 413);
    REQUIRE(expected_length(with_length("100"), 100));
    REQUIRE(expected_length(with_length("0"), 100));
    REQUIRE(expected_length(with_coding("chunked"), 100));
    Head packed = with_length("10");
    packed.content_encoding = "gzip";
    REQUIRE(expected_length(packed, 100).error().status == 415);
}

TEST_CASE("media types are told apart") {
    REQUIRE(is_json("application/json"));
    REQUIRE(is_json("Application/JSON; charset=utf-8"));
    REQUIRE(is_json("application/vnd.x+json"));
    REQUIRE(is_form("multipart/form-data; boundary=x"));
    for (const char* other : {"application/x-www-form-urlencoded", "image/jpeg", "+json", ""}) {
        INFO(other);
        REQUIRE_FALSE(is_json(other));
        REQUIRE_FALSE(is_form(other));
    }
}

TEST_CASE("the boundary is found, in quotes or not, and nowhere else") {
    REQUIRE(form_boundary("multipart/form-data; boundary=abc") == "abc");
    REQUIRE(form_boundary("multipart/form-data; charset=utf-8; Boundary=\"a b:c\"") == "a b:c");
    REQUIRE(form_boundary("multipart/form-data; x=\"; boundary=no\"; boundary=abc") == "abc");
    REQUIRE(form_boundary("multipart/form-data; boundary=abc; charset=utf-8") == "abc");
    REQUIRE(form_boundary("multipart/form-data; boundary=abc;") == "abc");
    const std::string long_one = "multipart/form-data; boundary=" + std::string(71, 'a');
    for (const std::string& text :
         {std::string("multipart/form-data"), std::string("multipart/form-data; boundary="),
          std::string("multipart/form-data; boundary=\"\""),
          std::string("multipart/form-data; boundary=\"abc"),
          std::string("multipart/form-data; xboundary=abc"),
          std::string("multipart/form-data; boundary=a; boundary=b"),
          std::string("multipart/form-data; boundary=a\x01"), long_one}) {
        INFO(text);
        REQUIRE_FALSE(form_boundary(text));
    }
}

}  // namespace
}  // namespace penstock::gateway
