#include "tests/unit/worker/handlers/fuzz/sample_documents.hpp"

#include "common/shm/shared_buffer.hpp"
#include "tests/unit/worker/sdk/fake_context.hpp"
#include "worker/handlers/catalog.hpp"

namespace penstock::worker::fuzz {
namespace {

constexpr int slow = 1'000;

constexpr const char* key = "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f";
constexpr const char* password_hash =
    "$argon2id$v=19$m=256,t=3,p=1$MDEyMzQ1Njc$G5ajKFCoUzaXRLdz7UJb5wGkb2Xt+X5/GQjUYtS2+TE";

Value json(std::string_view text) {
    return value_from_json(text).value();
}

// The field as a number, 0 if it is none or absent.
double number(const Value& args, const char* field) {
    const bool there = args.is_object() && args.contains(field) && args[field].is_number();
    return there ? args[field].get<double>() : 0;
}

std::string encrypted(const Value& args, std::string_view plain) {
    FakeContext context;
    const Result<Output> output = crypto::encrypt({args, as_byte_view(plain)}, context);
    return std::string(as_text(output.value().payload.view()));
}

// The smallest PNG: one grey pixel.
std::string png() {
    constexpr unsigned char bytes[] = {
        0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48,
        0x44, 0x52, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x00, 0x00, 0x00,
        0x00, 0x3a, 0x7e, 0x9b, 0x55, 0x00, 0x00, 0x00, 0x0a, 0x49, 0x44, 0x41, 0x54, 0x78,
        0x9c, 0x63, 0x68, 0x00, 0x00, 0x00, 0x82, 0x00, 0x81, 0x77, 0xcd, 0x72, 0xb6, 0x00,
        0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82};
    return {std::begin(bytes), std::end(bytes)};
}

bool hashes_long(const Value& args) {
    // The defaults are for real passwords.
    const bool default_cost = !args.contains("ops") || !args.contains("memory_mib");
    return args.is_object() &&
           (default_cost || number(args, "ops") > 2 || number(args, "memory_mib") > 16);
}

bool verifies_long(const Value& args) {
    return args.is_object() && args.contains("hash") && args["hash"].is_string() &&
           args["hash"].get_ref<const std::string&>().find("m=256,t=3") == std::string::npos;
}

bool draws_large(const Value& args) {
    return number(args, "width") > 2'000 || number(args, "height") > 2'000;
}

bool sieves_long(const Value& args) {
    return number(args, "to") - number(args, "from") > 1e6;
}

bool spins_long(const Value& args) {
    return number(args, "ms") > 2;
}

Samples crypto_decrypt() {
    const Value plain_key = {{"key", key}};
    const Value with_aad = {{"key", key}, {"aad", "name"}};
    return {"crypto.decrypt",
            {{plain_key, encrypted(plain_key, "")}, {with_aad, encrypted(with_aad, "message")}}};
}

// One that lives as long as the process, as math.add_in_place wants it.
Value shared_buffer() {
    static const auto buffer = shm::SharedBuffer::create(64);
    return {{"segment", buffer->ref().segment},
            {"slot", 0},
            {"generation", buffer->ref().generation},
            {"bytes", 64}};
}

Samples image(std::string_view type, std::string_view args) {
    return {type, {{json(args), png()}}, slow, draws_large};
}

}  // namespace

std::vector<Samples> sample_documents() {
    return {
        {"crypto.blake2b",
         {{json(R"({"text":"abc","length":16})"), ""},
          {{{"length", 64}, {"key", key}}, "payload"},
          {nullptr, "abc"}}},
        crypto_decrypt(),
        {"crypto.encrypt",
         {{{{"key", key}, {"aad", "name"}}, "payload"}, {{{"key", key}, {"text", "abc"}}, ""}}},
        {"crypto.password_hash",
         {{json(R"({"password":"correct horse","ops":1,"memory_mib":8})"), ""}},
         slow,
         hashes_long},
        {"crypto.password_verify",
         {{{{"password", "password"}, {"hash", password_hash}}, ""},
          {{{"password", "other"}, {"hash", password_hash}}, ""}},
         slow,
         verifies_long},
        {"crypto.sha256", {{json(R"({"text":"abc"})"), ""}, {nullptr, "payload"}}},
        {"dataset.split",
         {{json(R"({"files":["a","b","c"],"train":0.5,"validation":0.25,"test":0.25,"seed":"s"})"),
           ""},
          {json(R"({"files":["a.jpg"]})"), ""}}},
        {"dataset.tensor",
         {{json(R"({"width":3,"height":2,"mean":[0.5,0.5,0.5],"std":[1,1,2]})"), png()},
          {json(R"({"width":2,"height":3,"fit":"contain"})"), png()}},
         slow,
         draws_large},
        {"exec.run",
         {{json(R"({"command":"echo","arguments":{"text":"a","size":1.5}})"), "payload"},
          {json(R"({"command":"echo","arguments":{"text":"b","size":"c"},"time_limit_ms":60000,
                    "output_bytes_max":100})"),
           ""}},
         slow},
        image("image.blur", R"({"sigma":1.5})"),
        image("image.convert", R"({"format":"webp","quality":50})"),
        image("image.crop", R"({"width":1,"height":1,"gravity":"north"})"),
        image("image.grayscale", R"({"format":"png"})"),
        image("image.info", "{}"),
        image("image.pipeline",
              R"({"steps":[{"resize":{"width":2,"enlarge":true}},{"blur":{"sigma":2}}]})"),
        image("image.rotate", R"({"angle":90})"),
        image("image.sharpen", R"({"sigma":1})"),
        {"image.resize",
         {{json(R"({"width":8,"height":9,"fit":"contain","enlarge":true})"), png()},
          {json(R"({"height":3,"quality":50,"format":"webp"})"), png()},
          {nullptr, png()}},
         slow,
         draws_large},
        {"math.add_in_place", {{{{"buffer", shared_buffer()}, {"add", 0}}, ""}}},
        {"math.double", {{json("[1,2.5,-3]"), ""}, {7, ""}}},
        {"math.lcg", {{json("[10,20]"), ""}, {0, ""}}, slow},
        {"math.matmul",
         {{json(R"({"a":[[1,2],[3,4]],"b":[[5,6.5],[7,8]]})"), ""},
          {json(R"({"rows":1,"inner":2,"columns":1})"), std::string(32, '\0')}}},
        {"math.primes",
         {{json(R"({"from":10,"to":40})"), ""}, {json(R"({"from":0,"to":9,"list":2})"), ""}},
         slow,
         sieves_long},
        {"math.sleep", {{json(R"({"ms":1500})"), ""}}},
        {"math.spin", {{json(R"({"ms":0,"ignore_cancel":true})"), ""}}, slow, spins_long},
        {"math.square", {{json("[1,2.5,-3]"), ""}, {7, ""}}},
        {"math.stats", {{json("[2,4,4.5]"), ""}, {nullptr, std::string(16, '\0')}}},
        {"math.sum", {{json("[1,2.5,-3]"), ""}, {json("[]"), ""}}},
    };
}

}  // namespace penstock::worker::fuzz
