// The short way from JPEG to JPEG against the long one through libvips.
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vips/vips8>
// Wants <cstdio> before it.
#include <jpeglib.h>

#include "tests/support/catch.hpp"
#include "tests/unit/worker/handlers/image/samples.hpp"
#include "tests/unit/worker/sdk/fake_context.hpp"
#include "worker/handlers/catalog.hpp"
#include "worker/handlers/image/library.hpp"
#include "worker/handlers/image/operations.hpp"

namespace penstock::worker::image {
namespace {

using vips::VImage;

constexpr std::array photos{"Wine_by_Jakkub_Mede.jpg", "friends_by_Aitzol_Berasategi.jpg",
                            "umang_by_Abhishek_Mudgal.jpg"};

// How near two pictures are, in decibels.
double psnr(const VImage& a, const VImage& b) {
    REQUIRE(a.width() == b.width());
    REQUIRE(a.height() == b.height());
    const VImage difference = a - b;
    return 10 * std::log10(255.0 * 255.0 / std::max((difference * difference).avg(), 1e-9));
}

VImage small_photo(double scale) {
    REQUIRE(start_library());
    const std::string file = photo(photos[0]);
    return VImage::new_from_buffer(file, "").resize(scale).copy_memory();
}

std::string jpeg_of(const VImage& picture, const char* subsampling) {
    void* data = nullptr;
    std::size_t size = 0;
    picture.write_to_buffer((std::string(".jpg[Q=95,subsample_mode=") + subsampling + "]").c_str(),
                            &data, &size);
    const std::string file(static_cast<const char*>(data), size);
    g_free(data);
    return file;
}

// As cameras write them: chroma at half of the width and the whole height, which libvips does not.
std::string jpeg_of_422(const VImage& picture) {
    std::size_t bytes = 0;
    auto* const pixels = static_cast<JSAMPLE*>(picture.write_to_memory(&bytes));
    jpeg_error_mgr errors{};
    jpeg_compress_struct codec{};
    codec.err = jpeg_std_error(&errors);
    jpeg_create_compress(&codec);
    unsigned char* file = nullptr;
    unsigned long file_bytes = 0;
    jpeg_mem_dest(&codec, &file, &file_bytes);
    codec.image_width = static_cast<JDIMENSION>(picture.width());
    codec.image_height = static_cast<JDIMENSION>(picture.height());
    codec.input_components = 3;
    codec.in_color_space = JCS_RGB;
    jpeg_set_defaults(&codec);
    jpeg_set_quality(&codec, 95, TRUE);
    codec.comp_info[0].h_samp_factor = 2;
    codec.comp_info[0].v_samp_factor = 1;
    jpeg_start_compress(&codec, TRUE);
    while (codec.next_scanline < codec.image_height) {
        JSAMPROW row = pixels + std::size_t{codec.next_scanline} * codec.image_width * 3;
        jpeg_write_scanlines(&codec, &row, 1);
    }
    jpeg_finish_compress(&codec);
    jpeg_destroy_compress(&codec);
    std::string text(reinterpret_cast<const char*>(file), file_bytes);
    std::free(file);  // NOLINT: libjpeg has it from malloc()
    g_free(pixels);
    return text;
}

// The same picture by both ways: the long one is the one to PNG.
void check_both_ways(const std::string& file, const std::string& options, double decibels) {
    CAPTURE(options);
    const Resized direct = resized(file, "{\"quality\":95" + options + "}");
    CHECK(direct.facts["engine"] == "libjpeg");
    const Resized by_vips = resized(file, R"({"format":"png")" + options + "}");
    CHECK(by_vips.facts["engine"] == "libvips");
    CHECK(psnr(direct.picture, by_vips.picture) >= decibels);
}

}  // namespace

TEST_CASE("both engines make the same picture of a photograph, at any size") {
    const std::string file = photo(GENERATE(from_range(photos)));
    const std::string options =
        GENERATE(as<std::string>(), "", R"(,"width":1501)", R"(,"width":213)",
                 R"(,"width":300,"height":500,"fit":"fill")", R"(,"width":31)");
    check_both_ways(file, options, 36);
}

TEST_CASE("both engines turn a picture upright in the same way") {
    const std::string file = jpeg_of(small_photo(0.1), "on");
    const int orientation = GENERATE(range(1, 9));
    CAPTURE(orientation);
    check_both_ways(with_orientation(file, orientation), R"(,"width":101)", 33);
}

TEST_CASE("both engines read chroma at full, at half and at quarter size, and grey") {
    const VImage picture = small_photo(0.2);
    check_both_ways(jpeg_of_422(picture), R"(,"width":333)", 34);
    check_both_ways(jpeg_of(picture, "on"), R"(,"width":333)", 34);
    check_both_ways(jpeg_of(picture, "off"), R"(,"width":333)", 34);
    check_both_ways(jpeg_of(picture.colourspace(VIPS_INTERPRETATION_B_W), "off"), R"(,"width":333)",
                    34);
}

TEST_CASE("both engines read a progressive file") {
    check_both_ways(progressive_jpeg_of(small_photo(0.2)), R"(,"width":200)", 34);
}

TEST_CASE("what the short way cannot do goes the long way") {
    const std::string file = photo(photos[2]);
    for (const std::string_view args : {R"({"format":"png"})", R"({"format":"webp"})",
                                        R"({"width":300,"height":300,"fit":"cover"})",
                                        R"({"width":300,"height":300,"fit":"contain"})"}) {
        CAPTURE(args);
        CHECK(resized(file, args).facts["engine"] == "libvips");
    }
    const VImage cmyk = tagged(noise(60, 50).bandjoin_const({70}), VIPS_INTERPRETATION_CMYK);
    CHECK(resized(file_of(cmyk, Format::jpeg), "{}").facts["engine"] == "libvips");
    const VImage wide = noise(60, 50).icc_transform(
        "p3", VImage::option()->set("input_profile", "srgb"));
    CHECK(resized(file_of(wide, Format::jpeg), "{}").facts["engine"] == "libvips");
}

TEST_CASE("a JPEG that ends anywhere within its pixels is refused") {
    const std::string file = file_of(noise(200, 150), Format::jpeg);
    for (std::size_t part = 2; part < 10; ++part) {
        CHECK(refused(file.substr(0, file.size() * part / 10), R"({"width":50})").find("damaged") !=
              std::string::npos);
    }
}

TEST_CASE("a JPEG with any bytes changed is made or refused, and nothing else happens") {
    const auto seed = GENERATE(range(1U, 5U));
    std::mt19937 random(seed);
    const VImage picture = small_photo(0.02);
    const VImage grey = picture.colourspace(VIPS_INTERPRETATION_B_W);
    const std::vector<std::string> files{jpeg_of(picture, "on"), jpeg_of(picture, "off"),
                                         jpeg_of(grey, "off"), progressive_jpeg_of(picture)};
    int made_ones = 0;
    for (int round = 0; round < 1'000; ++round) {
        std::string file = files[random() % files.size()];
        // Half of the time in the header, where there is most to break.
        const std::size_t end = random() % 2 == 0 ? std::size_t{200} : file.size();
        for (std::size_t change = 0; change <= random() % 4; ++change) {
            file[2 + random() % (std::min(end, file.size()) - 2)] = static_cast<char>(random());
        }
        FakeContext context;
        const Value args = {{"width", 1 + random() % 90}};
        const Result<Output> output = resize({args, as_byte_view(file)}, context);
        made_ones += output ? 1 : 0;
        CHECK((output || output.error().code == ErrorCode::rejected));
    }
    CHECK(made_ones > 100);
    CHECK(made_ones < 1'000);
}

}  // namespace penstock::worker::image
