#include "tests/unit/worker/sdk/fake_context.hpp"
#include "worker/handlers/catalog.hpp"
#include "worker/handlers/crypto/library.hpp"
#include "worker/handlers/crypto/seal.hpp"

namespace penstock::worker::crypto {
namespace {

constexpr const char* key_digits =
    "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f";

std::string args_with(const std::string& key, const std::string& aad) {
    return json_from_value({{"key", key}, {"aad", aad}});
}

std::string output_of(Handler handler, std::string_view args_json, std::string_view payload) {
    const Result<Output> output = run(handler, args_json, as_byte_view(payload));
    REQUIRE(output.has_value());
    CHECK(output->value == Value{{"bytes", output->payload.size()}});
    return std::string(as_text(output->payload.view()));
}

std::string bytes_of(std::string_view digits) {
    std::vector<unsigned char> bytes(digits.size() / 2);
    REQUIRE(read_hex(digits, bytes));
    return {bytes.begin(), bytes.end()};
}

// draft-irtf-cfrg-xchacha-03, appendix A.3.1.
constexpr std::string_view vector_plain =
    "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, "
    "sunscreen would be it.";
constexpr std::string_view vector_aad = "50515253c0c1c2c3c4c5c6c7";
constexpr std::string_view vector_sealed =
    "404142434445464748494a4b4c4d4e4f5051525354555657"
    "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb"
    "731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b452"
    "2f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9"
    "21f9664c97637da9768812f615c68b13b52e"
    "c0875924c1c7987947deafd8780acf49";

TEST_CASE("sealing gives the bytes of the XChaCha20-Poly1305 draft, and opening takes them back") {
    REQUIRE(start_library().has_value());
    Key key;
    REQUIRE(read_hex(key_digits, key.bytes()));
    std::array<unsigned char, nonce_bytes> nonce{};
    REQUIRE(read_hex(vector_sealed.substr(0, 2 * nonce_bytes), nonce));
    const std::string aad = bytes_of(vector_aad);
    const SharedBytes sealed =
        seal(as_byte_view(vector_plain), as_byte_view(aad), Nonce(nonce), key);
    CHECK(as_text(sealed.view()) == bytes_of(vector_sealed));
    const std::optional<SharedBytes> plain = open(sealed.view(), as_byte_view(aad), key);
    REQUIRE(plain.has_value());
    CHECK(as_text(plain->view()) == vector_plain);
}

TEST_CASE("what is encrypted is decrypted to the same bytes") {
    for (const std::size_t bytes : {0U, 1U, 63U, 64U, 65U, 1'000'000U}) {
        const std::string plain(bytes, 'p');
        const std::string args = args_with(key_digits, "name");
        const std::string sealed = output_of(encrypt, args, plain);
        CHECK(sealed.size() == bytes + 40);
        CHECK(output_of(decrypt, args, sealed) == plain);
    }
}

TEST_CASE("a text is encrypted like a payload, and no nonce is used twice") {
    const std::string args = json_from_value({{"key", key_digits}, {"text", "hello"}});
    const std::string first = output_of(encrypt, args, "");
    const std::string second = output_of(encrypt, args, "");
    CHECK(first.substr(0, nonce_bytes) != second.substr(0, nonce_bytes));
    CHECK(output_of(decrypt, args_with(key_digits, ""), first) == "hello");
}

TEST_CASE("one changed bit anywhere is noticed") {
    const std::string args = args_with(key_digits, "name");
    const std::string sealed = output_of(encrypt, args, "a short message");
    for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
        std::string changed = sealed;
        changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
        CAPTURE(bit);
        CHECK(rejection(decrypt, args, as_byte_view(changed)) ==
              "the payload was not encrypted with this key and aad, or has been changed");
    }
}

TEST_CASE("another key, other additional data or a missing end is noticed") {
    const std::string sealed = output_of(encrypt, args_with(key_digits, "name"), "message");
    const std::string refused =
        "the payload was not encrypted with this key and aad, or has been changed";
    const std::string other_key(64, '0');
    CHECK(rejection(decrypt, args_with(other_key, "name"), as_byte_view(sealed)) == refused);
    CHECK(rejection(decrypt, args_with(key_digits, "Name"), as_byte_view(sealed)) == refused);
    CHECK(rejection(decrypt, args_with(key_digits, ""), as_byte_view(sealed)) == refused);
    CHECK(rejection(decrypt, args_with(key_digits, "name"),
                    as_byte_view(sealed.substr(0, sealed.size() - 1))) == refused);
    CHECK(rejection(decrypt, args_with(key_digits, "name"), as_byte_view(sealed.substr(0, 39))) ==
          "payload: it has 39 bytes; allowed 40..33554432");
}

TEST_CASE("encrypt and decrypt check their arguments and never show a key") {
    const std::string payload(40, 'x');
    for (const Handler handler : {encrypt, decrypt}) {
        const auto refused = [&](std::string_view args_json) {
            return rejection(handler, args_json, as_byte_view(payload));
        };
        CHECK(refused("{}") == "key: missing; allowed 64 hex digits");
        CHECK(refused(R"({"key":12345})") == "key: it must be 64 hex digits");
        CHECK(refused(R"({"key":"c0ffee"})") == "key: it must be 64 hex digits");
        CHECK(refused(args_with(std::string(64, 'g'), "")) == "key: it must be 64 hex digits");
        CHECK(refused(args_with(std::string(66, 'a'), "")) == "key: it must be 64 hex digits");
        CHECK(refused(args_with(key_digits, std::string(65'537, 'a'))) ==
              "aad: the text has 65537 bytes; allowed 0..65536");
        CHECK(refused("\"c0ffee\"").find("c0ffee") == std::string::npos);
    }
    CHECK(rejection(encrypt, json_from_value({{"key", key_digits}, {"text", "a"}}),
                    as_byte_view("b")) == "text: there is a payload, too; send one of them");
    CHECK(rejection(decrypt, json_from_value({{"key", key_digits}, {"text", "a"}}),
                    as_byte_view(payload))
              .starts_with("unknown field 'text'"));
}

TEST_CASE("encrypt takes no more than what still travels when it is encrypted") {
    const std::string args = args_with(key_digits, "");
    const std::string most(plain_bytes_max, 'x');
    CHECK(output_of(encrypt, args, most).size() == message_bytes_max);
    CHECK(rejection(encrypt, args, as_byte_view(most + "x")) ==
          "payload: it has 33554393 bytes; allowed 0..33554392");
}

TEST_CASE("nothing is encrypted or decrypted once the task is cancelled") {
    const Value args = {{"key", key_digits}};
    const std::string payload(40, 'x');
    for (const Handler handler : {encrypt, decrypt}) {
        FakeContext context;
        context.looks_until_cancel = 0;
        CHECK(handler({args, as_byte_view(payload)}, context).error().code == ErrorCode::cancelled);
    }
}

}  // namespace
}  // namespace penstock::worker::crypto
