#include "tests/unit/worker/sdk/fake_context.hpp"
#include "worker/handlers/catalog.hpp"

namespace penstock::worker::crypto {
namespace {

// From libsodium's own tests (pwhash_argon2id.c).
constexpr const char* hash_of_password =
    "$argon2id$v=19$m=256,t=3,p=1$MDEyMzQ1Njc$G5ajKFCoUzaXRLdz7UJb5wGkb2Xt+X5/GQjUYtS2+TE";

Result<Output> verify(const std::string& password, const std::string& hash) {
    const Value args = {{"password", password}, {"hash", hash}};
    FakeContext context;
    return password_verify({args, {}}, context);
}

// What is said of a hash that cannot be checked.
std::string refusal(const std::string& hash) {
    const Result<Output> output = verify("password", hash);
    INFO(hash);
    REQUIRE_FALSE(output.has_value());
    CHECK(output.error().code == ErrorCode::rejected);
    return output.error().message;
}

std::string hash_of(std::string_view args_json) {
    const Result<Output> output = run(password_hash, args_json);
    REQUIRE(output.has_value());
    return output->value.at("hash").get<std::string>();
}

TEST_CASE("a published argon2id hash is valid for its password and for no other") {
    CHECK(verify("password", hash_of_password)->value == Value{{"valid", true}});
    CHECK(verify("passwore", hash_of_password)->value == Value{{"valid", false}});
    CHECK(verify("Password", hash_of_password)->value == Value{{"valid", false}});
}

TEST_CASE("a password is valid for its own hash, whatever bytes it has") {
    for (const std::string& password : {std::string("x"), std::string("a\0b", 3),
                                        std::string("\xff\xfe"), std::string(1024, 'y')}) {
        const Value args = {{"password", password}, {"ops", 1}, {"memory_mib", 8}};
        FakeContext context;
        const Result<Output> output = password_hash({args, {}}, context);
        REQUIRE(output.has_value());
        const std::string hash = output->value.at("hash").get<std::string>();
        CHECK(verify(password, hash)->value == Value{{"valid", true}});
        CHECK(verify(password + "z", hash).value_or(Output{}).value != Value{{"valid", true}});
    }
}

TEST_CASE("a hash tells what it cost, and has a salt of its own") {
    CHECK(hash_of(R"({"password":"x"})").starts_with("$argon2id$v=19$m=65536,t=3,p=1$"));
    const std::string_view cheap = R"({"password":"x","ops":1,"memory_mib":8})";
    CHECK(hash_of(cheap).starts_with("$argon2id$v=19$m=8192,t=1,p=1$"));
    CHECK(hash_of(cheap) != hash_of(cheap));
}

TEST_CASE("a hash whose check would cost too much is rejected before it is checked") {
    const std::string rest = "$MDEyMzQ1Njc$G5ajKFCoUzaXRLdz7UJb5wGkb2Xt+X5/GQjUYtS2+TE";
    CHECK(refusal("$argon2id$v=19$m=1048577,t=1,p=1" + rest) ==
          "hash: m=1048577 is out of range; allowed 8..1048576");
    CHECK(refusal("$argon2id$v=19$m=4294967295,t=1,p=1" + rest) ==
          "hash: m=4294967295 is out of range; allowed 8..1048576");
    CHECK(refusal("$argon2id$v=19$m=256,t=11,p=1" + rest) ==
          "hash: t=11 is out of range; allowed 1..10");
    CHECK(refusal("$argon2id$v=19$m=256,t=0,p=1" + rest) ==
          "hash: t=0 is out of range; allowed 1..10");
    CHECK(refusal("$argon2id$v=19$m=256,t=1,p=65" + rest) ==
          "hash: p=65 is out of range; allowed 1..64");
}

TEST_CASE("what is no argon2id hash is rejected with the form of one") {
    const std::string form =
        "hash: not of the form $argon2id$v=19$m=KIB,t=PASSES,p=LANES$SALT$HASH";
    for (const char* hash :
         {"x", "$argon2i$v=19$m=256,t=3,p=1$MDEyMzQ1Njc$G5aj", "$argon2id$v=16$m=256,t=3,p=1$a$b",
          "$argon2id$v=19$m=-1,t=3,p=1$MDEy$G5aj", "$argon2id$v=19$m=99999999999,t=3,p=1$MDEy$G5aj",
          "$argon2id$v=19$m=256,t=3,p=1$MDEy", "$argon2id$v=19$m=256,t=3,p=1$$G5aj",
          "$argon2id$v=19$m=256,t=3,p=1$MD Ey$G5aj", "$argon2id$v=19$m=256,t=3$MDEy$G5aj"}) {
        CHECK(refusal(hash) == form);
    }
    CHECK(refusal(std::string(hash_of_password) + std::string("\0", 1)) == form);
    CHECK(refusal("$argon2id$v=19$m=256,t=3,p=1$MDEyMzQ1Njc$x") ==
          "hash: its salt or hash cannot be decoded");
    CHECK(refusal(std::string(128, 'x')) == "hash: the text has 128 bytes; allowed 1..127");
}

TEST_CASE("password types check their arguments and never show a password") {
    for (const Handler handler : {password_hash, password_verify}) {
        CHECK(rejection(handler, "{}") == "password: missing; allowed text of 1..1024 bytes");
        CHECK(rejection(handler, R"({"password":""})") ==
              "password: the text has 0 bytes; allowed 1..1024");
        CHECK(rejection(handler, R"({"password":4711})") ==
              "password: number where text is wanted; allowed 1..1024 bytes");
        CHECK(rejection(handler, "\"hunter2\"") ==
              "the arguments must be an object with fields, not of the kind string");
        CHECK(rejection(handler, R"({"password":"hunter2","extra":"hunter2"})").find("hunter2") ==
              std::string::npos);
    }
    CHECK(rejection(password_hash, R"({"password":"x","ops":11})") ==
          "ops: 11 is out of range; allowed 1..10");
    CHECK(rejection(password_hash, R"({"password":"x","memory_mib":7})") ==
          "memory_mib: 7 is out of range; allowed 8..1024");
    CHECK(rejection(password_hash, R"({"password":"x","memory_mib":1025})") ==
          "memory_mib: 1025 is out of range; allowed 8..1024");
    CHECK(rejection(password_verify, R"({"password":"x"})") ==
          "hash: missing; allowed text of 1..127 bytes");
}

TEST_CASE("a password is not touched once the task is cancelled") {
    const Value args = {{"password", "x"}};
    const Value both = {{"password", "x"}, {"hash", hash_of_password}};
    FakeContext context;
    context.looks_until_cancel = 0;
    CHECK(password_hash({args, {}}, context).error().code == ErrorCode::cancelled);
    CHECK(password_verify({both, {}}, context).error().code == ErrorCode::cancelled);
}

}  // namespace
}  // namespace penstock::worker::crypto
