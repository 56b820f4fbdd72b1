#include <string>

#include "tests/unit/worker/handlers/image/samples.hpp"
#include "tests/unit/worker/sdk/fake_context.hpp"
#include "worker/handlers/catalog.hpp"

namespace penstock::worker::image {
namespace {

using vips::VImage;

constexpr std::string_view wide_photo = "umang_by_Abhishek_Mudgal.jpg";

std::string steps(const std::string& list) {
    return R"({"format":"png","steps":[)" + list + "]}";
}

TEST_CASE("a pipeline is its steps one after another, decoded and encoded once") {
    std::string file = photo(wide_photo);
    const Made at_once = made(pipeline, file,
                              steps(R"({"resize":{"width":400}},{"blur":{"sigma":1.5}},)"
                                    R"({"crop":{"width":300,"height":200,"gravity":"north"}},)"
                                    R"({"rotate":{"angle":20}},{"sharpen":{}},{"grayscale":{}},)"
                                    R"({"resize":{"width":50}})"));
    file = made(resize, file, R"({"width":400,"format":"png"})").file;
    file = made(blur, file, R"({"sigma":1.5,"format":"png"})").file;
    file = made(crop, file, R"({"width":300,"height":200,"gravity":"north","format":"png"})").file;
    file = made(rotate, file, R"({"angle":20,"format":"png"})").file;
    file = made(sharpen, file, R"({"format":"png"})").file;
    file = made(grayscale, file, R"({"format":"png"})").file;
    const VImage one_by_one = made(resize, file, R"({"width":50,"format":"png"})").picture;
    CHECK(at_once.picture.bands() == 1);
    CHECK(difference(at_once.picture, one_by_one) <= 1);
    CHECK(at_once.facts["input_width"] == 3840);
}

TEST_CASE("a pipeline of one resize gives the very file that resize gives") {
    for (const std::string_view name : {wide_photo, {"friends_by_Aitzol_Berasategi.jpg"}}) {
        const std::string file = photo(name);
        CHECK(made(pipeline, file, R"({"quality":70,"steps":[{"resize":{"width":333}}]})").file ==
              resized(file, R"({"quality":70,"width":333})").file);
    }
}

TEST_CASE("options may be left out of a step") {
    const std::string file = file_of(quarters(64, 48), Format::png);
    CHECK(made(pipeline, file, steps(R"({"blur":null},{"grayscale":{}})")).picture.bands() == 1);
}

TEST_CASE("a mistake in a step is told with its number") {
    const auto mistake = [](const std::string& list) { return rejection(pipeline, steps(list)); };
    const std::string known = "blur, crop, grayscale, resize, rotate, sharpen";
    CHECK(mistake(R"({"blur":{}},{"blur":{}},{"blur":{"sigma":0}})") ==
          "steps[2].blur.sigma: 0 is out of range; allowed 0.3..100");
    CHECK(mistake(R"({"blur":{"sgima":1}})") ==
          "steps[0].blur: unknown field 'sgima' (did you mean 'sigma'?); known fields: sigma");
    CHECK(mistake(R"({"blur":3})") == "steps[0].blur: must be an object with fields, not 3");
    CHECK(mistake(R"({"crop":{"height":1}})") == "steps[0].crop.width: missing; allowed 1..16384");
    CHECK(mistake(R"({"blurr":{}})") == "steps[0]: 'blurr' is not one of: " + known);
    for (const char* step : {"7", "{}", R"({"blur":{},"crop":{}})"}) {
        CHECK(mistake(step) == R"(steps[0]: not an object with one field, as {"blur":{}}; )"
                               "allowed is one of: " +
                                   known);
    }
}

TEST_CASE("a pipeline has one to sixteen steps") {
    const auto mistake = [](std::string_view args) { return rejection(pipeline, args); };
    CHECK(mistake("{}") == "steps: missing; allowed 1..16 elements");
    CHECK(mistake(steps("")) == "steps: has 0 elements; allowed 1..16 elements");
    std::string list = R"({"blur":{}})";
    for (int i = 1; i < 17; ++i) {
        list += R"(,{"blur":{}})";
    }
    CHECK(mistake(steps(list)) == "steps: has 17 elements; allowed 1..16 elements");
    CHECK(mistake(R"({"steps":[{"blur":{}}],"sigma":1})") ==
          "unknown field 'sigma'; known fields: steps, quality, format");
}

TEST_CASE("each size on the way is checked before anything is decoded") {
    const std::string file = png_that_claims(10'000, 5'000, false);
    CHECK(refused(pipeline, file,
                  steps(R"({"blur":{}},{"rotate":{"angle":45}},{"resize":{"width":10}})")) ==
          "steps[1].rotate: the result would be 10607x10607 pixels; at most 50 megapixels are "
          "made. Ask for a smaller size");
    CHECK(refused(pipeline, file,
                  steps(R"({"resize":{"width":100}},{"crop":{"width":100,"height":51}})")) ==
          "steps[1].crop.height: 51 is out of range; allowed 1..50 here, in a picture of "
          "100x50 pixels");
}

TEST_CASE("an attempt that is cancelled while pixels are made ends there") {
    const std::string file = photo(wide_photo);
    for (const char* list : {R"({"blur":{"sigma":3}})", R"({"rotate":{"angle":90}},{"blur":{}})",
                             R"({"rotate":{"angle":7}})", R"({"sharpen":{"sigma":30}})",
                             R"({"resize":{}},{"crop":{"width":9,"height":9}})"}) {
        for (const int looks : {0, 1, 2, 4}) {
            CAPTURE(list, looks);
            FakeContext context;
            context.looks_until_cancel = looks;
            const Value args = value_from_json(steps(list)).value();
            const Result<Output> output = pipeline({args, as_byte_view(file)}, context);
            REQUIRE_FALSE(output.has_value());
            CHECK(output.error() ==
                  Error{ErrorCode::cancelled, looks == 0 ? "cancelled before the image was decoded"
                                                         : "cancelled while the image was made"});
        }
    }
    CHECK(std::string(vips_error_buffer()).empty());
}

}  // namespace
}  // namespace penstock::worker::image
