#include <cstring>

#include "tests/unit/worker/handlers/image/samples.hpp"
#include "tests/unit/worker/sdk/fake_context.hpp"
#include "worker/handlers/catalog.hpp"

namespace penstock::worker::dataset {
namespace {

using image::Format;

struct Tensor {
    std::string header;
    std::vector<float> numbers;
    std::size_t height = 0;
    std::size_t width = 0;

    [[nodiscard]] std::vector<double> at(std::size_t x, std::size_t y) const {
        const std::size_t plane = height * width;
        const std::size_t i = y * width + x;
        return {numbers[i], numbers[plane + i], numbers[2 * plane + i]};
    }
};

Tensor tensor_of(const std::string& file, std::string_view args) {
    const Result<Output> output = run(tensor, args, as_byte_view(file));
    INFO((output ? "" : output.error().message));
    REQUIRE(output.has_value());
    CHECK(output->value["dtype"] == "float32");
    REQUIRE(output->value["shape"][0] == 3);
    const std::string_view npy = as_text(output->payload.view());
    const std::size_t header = npy.find('\n') + 1;
    Tensor found{std::string(npy.substr(0, header)),
                 {},
                 output->value["shape"][1],
                 output->value["shape"][2]};
    found.numbers.resize((npy.size() - header) / sizeof(float));
    REQUIRE(found.numbers.size() == 3 * found.width * found.height);
    std::memcpy(found.numbers.data(), npy.data() + header, npy.size() - header);
    return found;
}

std::string quarters_file(Format format) {
    return file_of(image::quarters(64, 48), format);
}

TEST_CASE("a tensor's file begins as format version 1.0 wants it") {
    const Tensor found = tensor_of(quarters_file(Format::png), R"({"width":8,"height":4})");
    const std::string text = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4, 8), }";
    CHECK(found.header.size() == 128);
    CHECK(found.header.substr(0, 10) == std::string("\x93NUMPY\x01\x00\x76\x00", 10));
    CHECK(found.header.substr(10) == text + std::string(117 - text.size(), ' ') + "\n");
}

TEST_CASE("a tensor has one plane for each colour, normalised by its mean and deviation") {
    const Tensor plain = tensor_of(quarters_file(Format::png), R"({"width":64,"height":48})");
    CHECK(plain.at(0, 0) == std::vector<double>{1, 0, 0});
    CHECK(plain.at(63, 0) == std::vector<double>{0, 1, 0});
    CHECK(plain.at(0, 47) == std::vector<double>{0, 0, 1});
    const Tensor normal =
        tensor_of(quarters_file(Format::png),
                  R"({"width":64,"height":48,"mean":[0.5,0.25,0],"std":[0.5,0.25,2]})");
    CHECK(normal.at(0, 0) == std::vector<double>{1, -1, 0});
    CHECK(normal.at(0, 47) == std::vector<double>{-1, -1, 0.5});
}

TEST_CASE("a tensor has exactly the size that is asked for, whatever the fit") {
    for (const std::string_view fit : {"cover", "fill", "contain"}) {
        for (const Format format : {Format::jpeg, Format::png, Format::webp}) {
            const Tensor found =
                tensor_of(quarters_file(format),
                          R"({"width":30,"height":100,"fit":")" + std::string(fit) + "\"}");
            CHECK(found.width == 30);
            CHECK(found.height == 100);
            CHECK(image::is_near(found.at(15, 0),
                                 fit == "contain" ? std::vector<double>{0, 0, 0} : found.at(15, 1),
                                 0.1));
        }
    }
}

TEST_CASE("a tensor shows grey as three equal colours and what is transparent as white") {
    const std::string grey = file_of(image::plain(4, 4, {51}), Format::png);
    const std::vector<double> fifth = tensor_of(grey, R"({"width":4,"height":4})").at(2, 2);
    CHECK(image::is_near(fifth, {0.2, 0.2, 0.2}, 1e-6));
    const std::string clear = file_of(image::plain(4, 4, {255, 0, 0, 0}), Format::png);
    CHECK(tensor_of(clear, R"({"width":4,"height":4})").at(1, 1) == std::vector<double>{1, 1, 1});
}

TEST_CASE("a tensor stands upright") {
    const std::string lying =
        image::with_orientation(file_of(image::quarters(64, 64), Format::jpeg), 6);
    const Tensor found = tensor_of(lying, R"({"width":64,"height":64})");
    // A quarter turn clockwise brings the lower left, blue, to the upper left.
    CHECK(image::is_near(found.at(4, 4), {0, 0, 1}, 0.1));
    CHECK(image::is_near(found.at(60, 4), {1, 0, 0}, 0.1));
}

TEST_CASE("a tensor's arguments are checked") {
    const std::string size = R"({"width":8,"height":8,)";
    CHECK(rejection(tensor, R"({"height":8})") == "width: missing; allowed 1..16384");
    CHECK(rejection(tensor, R"({"width":0,"height":8})") ==
          "width: 0 is out of range; allowed 1..16384");
    CHECK(rejection(tensor, R"({"width":2500,"height":1001})") ==
          "the tensor would have 2500x1001 pixels; allowed 2500000");
    CHECK(rejection(tensor, size + R"("fit":"inside"})") ==
          "fit: 'inside' is not one of: cover, fill, contain");
    CHECK(rejection(tensor, size + R"("mean":[0,0]})") ==
          "mean: an array of 2 is not an array of three numbers, for red, green and blue");
    CHECK(rejection(tensor, size + R"("mean":[0,"0",0]})") ==
          "mean: element 1: '0' is not a number of -1000..1000");
    CHECK(rejection(tensor, size + R"("std":[1,1,0]})") ==
          "std: element 2: 0 is not a number of 0.000001..1000");
}

TEST_CASE("a tensor of what is no sound picture is rejected") {
    const std::string_view args = R"({"width":8,"height":8})";
    CHECK(rejection(tensor, args) == "no image: send a JPEG, PNG or WebP file as the payload");
    CHECK(rejection(tensor, args, as_byte_view("hello")) ==
          "not a JPEG, PNG or WebP image: it starts with 'hello'");
    const std::string file = quarters_file(Format::png);
    CHECK(rejection(tensor, args, as_byte_view(file).first(file.size() / 2))
              .starts_with("the image is damaged or cut short"));
    const std::string thin = file_of(image::plain(1, 400, {1, 2, 3}), Format::png);
    CHECK(rejection(tensor, R"({"width":100,"height":8})", as_byte_view(thin))
              .starts_with("the result would be 100x40000 pixels"));
}

TEST_CASE("a tensor ends when cancelled") {
    FakeContext context;
    context.looks_until_cancel = 0;
    const Value args = {{"width", 8}, {"height", 8}};
    CHECK(tensor({args, {}}, context).error().code == ErrorCode::cancelled);
}

}  // namespace
}  // namespace penstock::worker::dataset
