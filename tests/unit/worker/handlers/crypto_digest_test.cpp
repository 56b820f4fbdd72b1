#include "tests/unit/worker/sdk/fake_context.hpp"
#include "worker/handlers/catalog.hpp"

namespace penstock::worker::crypto {
namespace {

std::string digest(Handler handler, std::string_view args_json, std::string_view payload = {}) {
    const Result<Output> output = run(handler, args_json, as_byte_view(payload));
    INFO(args_json);
    REQUIRE(output.has_value());
    CHECK(output->payload.empty());
    return output->value.at("digest").get<std::string>();
}

// The key of BLAKE2's own vectors: 00 01 02 ... 3f.
std::string counting_key() {
    std::string digits;
    for (int i = 0; i < 64; ++i) {
        digits += "0123456789abcdef"[i / 16];
        digits += "0123456789abcdef"[i % 16];
    }
    return digits;
}

TEST_CASE("sha256 gives the digests of FIPS 180-4") {
    CHECK(digest(sha256, "{}", "abc") ==
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(digest(sha256, "{}", "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    CHECK(digest(sha256, "{}", std::string(1'000'000, 'a')) ==
          "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("blake2b gives the digests of RFC 7693 and of BLAKE2's own vectors") {
    CHECK(digest(blake2b, R"({"length":64})", "abc") ==
          "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
          "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923");
    CHECK(digest(blake2b, R"({"length":64,"key":")" + counting_key() + "\"}") ==
          "10ebb67700b1868efb4417987acf4690ae9d972fb7a590c2f02871799aaa4786"
          "b5e996e8f0f4eb981fc214b005f42d2ff4233499391653df7aefcbc13fc51568");
    CHECK(digest(blake2b, R"({"length":64,"key":")" + counting_key() + "\"}", {"\0", 1}) ==
          "961f6dd1e4dd30f63901690c512e78e4b45e4742ed197c3c5e45c549fd25f2e4"
          "187b0bc9fe30492b16b0d0bc4ef9b0f34c7003fac09a5ef1532e69430234cebd");
}

TEST_CASE("blake2b gives 32 bytes unless told otherwise") {
    CHECK(digest(blake2b, "{}") ==
          "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
    CHECK(digest(blake2b, R"({"length":16})").size() == 32);
    CHECK(digest(blake2b, R"({"length":63})").size() == 126);
}

TEST_CASE("a text is as good as a payload, and nothing has a digest, too") {
    for (const Handler handler : {sha256, blake2b}) {
        CHECK(digest(handler, R"({"text":"abc"})") == digest(handler, "null", "abc"));
        CHECK(digest(handler, R"({"text":"ä\u0000"})") == digest(handler, "{}", {"\xc3\xa4\0", 3}));
        CHECK(digest(handler, R"({"text":""})") == digest(handler, "null"));
    }
}

TEST_CASE("a message longer than one look is the same message") {
    const std::string megabytes(3'000'001, 'x');
    FakeContext context;
    const Value nothing;
    context.looks_until_cancel = 3;
    REQUIRE(sha256({nothing, as_byte_view(megabytes)}, context).has_value());
    CHECK(digest(blake2b, "{}", megabytes) ==
          "aecb156986c84259f2c9c35162c450ab0b2cb5958892b8ecae9e6ac1388d8453");
}

TEST_CASE("a digest ends between two looks when cancelled") {
    const std::string megabytes(3'000'001, 'x');
    const Value nothing;
    for (const Handler handler : {sha256, blake2b}) {
        FakeContext context;
        context.looks_until_cancel = 1;
        CHECK(handler({nothing, as_byte_view(megabytes)}, context).error().code ==
              ErrorCode::cancelled);
    }
}

TEST_CASE("a message that is too long, or there twice, is rejected") {
    const std::string long_message((std::size_t{32} << 20U) + 1, 'x');
    for (const Handler handler : {sha256, blake2b}) {
        CHECK(rejection(handler, "{}", as_byte_view(long_message)) ==
              "payload: it has 33554433 bytes; allowed 0..33554432");
        CHECK(rejection(handler, R"({"text":"a"})", as_byte_view("b")) ==
              "text: there is a payload, too; send one of them");
        CHECK(rejection(handler, R"({"text":1})") ==
              "text: number where text is wanted; allowed 0..33554432 bytes");
        CHECK(rejection(handler, R"({"txt":"a"})").starts_with("unknown field 'txt'"));
        CHECK(rejection(handler, "[]") ==
              "the arguments must be an object with fields, not of the kind array");
    }
}

TEST_CASE("blake2b rejects lengths and keys that are none, and does not show the key") {
    CHECK(rejection(blake2b, R"({"length":15})") == "length: 15 is out of range; allowed 16..64");
    CHECK(rejection(blake2b, R"({"length":65})") == "length: 65 is out of range; allowed 16..64");
    CHECK(rejection(blake2b, R"({"key":"00"})") ==
          "key: the text has 2 characters; allowed 32..128 hex digits (16..64 bytes)");
    CHECK(rejection(blake2b, R"({"key":7})") ==
          "key: number where text is wanted; allowed 32..128 hex digits (16..64 bytes)");
    const std::string odd(33, '0');
    const std::string no_digits(32, 'g');
    for (const std::string& key : {odd, no_digits}) {
        CHECK(rejection(blake2b, R"({"key":")" + key + "\"}") ==
              "key: not pairs of hex digits; allowed 32..128 hex digits (16..64 bytes)");
    }
}

}  // namespace
}  // namespace penstock::worker::crypto
