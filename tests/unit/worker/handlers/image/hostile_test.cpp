#include "tests/unit/worker/handlers/image/samples.hpp"
#include "tests/unit/worker/sdk/fake_context.hpp"
#include "worker/handlers/catalog.hpp"
#include "worker/handlers/image/library.hpp"
#include "worker/handlers/image/limits.hpp"

namespace penstock::worker::image {
namespace {

using Catch::Matchers::ContainsSubstring;
using namespace std::string_literals;

std::string cut(const std::string& file, double fraction) {
    return file.substr(0, static_cast<std::size_t>(static_cast<double>(file.size()) * fraction));
}

TEST_CASE("text named as an image is refused with its beginning") {
    CHECK(refused("hello, I am no JPEG") ==
          "not a JPEG, PNG or WebP image: it starts with 'hello, I am '");
    CHECK_THAT(refused(""), ContainsSubstring("send a JPEG, PNG or WebP file"));
}

TEST_CASE("a photograph cut short anywhere is refused") {
    const std::string jpeg = photo("umang_by_Abhishek_Mudgal.jpg");
    for (const double fraction : {0.0003, 0.01, 0.3, 0.6, 0.9, 0.99}) {
        CAPTURE(fraction);
        CHECK_THAT(refused(cut(jpeg, fraction)), ContainsSubstring("damaged or cut short"));
    }
    const std::string progressive = photo("friends_by_Aitzol_Berasategi.jpg");
    for (const double fraction : {0.001, 0.3, 0.9}) {
        CAPTURE(fraction);
        CHECK_THAT(refused(cut(progressive, fraction)), ContainsSubstring("damaged or cut short"));
    }
}

TEST_CASE("a PNG or WebP file cut short is refused") {
    for (const Format format : {Format::png, Format::webp}) {
        const std::string file = file_of(noise(600, 400), format);
        for (const double fraction : {0.001, 0.15, 0.5, 0.99}) {
            CAPTURE(fraction, name(format));
            CHECK_THAT(refused(cut(file, fraction)), ContainsSubstring("damaged or cut short"));
        }
    }
}

TEST_CASE("a PNG that has all its pixels but not its end is refused") {
    const std::string png = file_of(noise(60, 40), Format::png);
    constexpr std::size_t end_bytes = 12;
    for (const std::size_t missing : {end_bytes, std::size_t{1}}) {
        CHECK(refused(png.substr(0, png.size() - missing)) ==
              "the image is damaged or cut short: the PNG does not end with an IEND chunk");
    }
    CHECK(resized(png + "more", "{}").picture.width() == 60);
}

TEST_CASE("a file cut short is refused even if only its upper part is wanted") {
    const std::string jpeg = file_of(noise(400, 4000), Format::jpeg);
    CHECK_THAT(refused(cut(jpeg, 0.95), R"({"width":400,"height":100,"fit":"cover"})"),
               ContainsSubstring("damaged or cut short"));
}

TEST_CASE("a PNG of 900 megapixels is refused from its header") {
    CHECK(refused(png_that_claims(30'000, 30'000, false)) ==
          "the png image is 30000x30000 pixels; each side may be at most 16384");
}

TEST_CASE("a strip of one pixel's width is refused from its header") {
    CHECK(refused(png_that_claims(1, 20'000, false)) ==
          "the png image is 1x20000 pixels; each side may be at most 16384");
}

TEST_CASE("too many pixels are refused though each side is allowed") {
    const std::string jpeg = file_of(quarters(64, 48), Format::jpeg);
    CHECK(refused(png_that_claims(10'000, 5'001, false)) ==
          "the png image is 10000x5001 pixels; an image may have at most 50 megapixels");
    CHECK(refused(with_claimed_size(jpeg, 16'000, 4'000)) ==
          "the jpeg image is 16000x4000 pixels; an image may have at most 50 megapixels");
}

TEST_CASE("images that are held whole while decoding may have fewer pixels") {
    CHECK(refused(png_that_claims(5'000, 4'000, true)) ==
          "the png image is 5000x4000 pixels; an interlaced PNG may have at most 16 megapixels");
    const std::string progressive = progressive_jpeg_of(quarters(64, 48));
    CHECK(refused(with_claimed_size(progressive, 8'000, 5'000)) ==
          "the jpeg image is 8000x5000 pixels; a progressive JPEG may have at most 32 megapixels");
    CHECK(resized(progressive, "{}").picture.width() == 64);
}

TEST_CASE("a WebP may have fewer pixels, read or written, for both are held whole") {
    CHECK(refused(webp_that_claims(5'000, 4'000)) ==
          "the webp image is 5000x4000 pixels; a WebP may have at most 16 megapixels");
    const std::string png = png_that_claims(5'000, 4'000, false);
    CHECK(refused(png, R"({"width":5000,"format":"webp"})") ==
          "the result would be 5000x4000 pixels; a WebP may have at most 16 megapixels. "
          "Ask for a smaller size or for another format");
}

TEST_CASE("a side that a WebP cannot hold is refused before anything is decoded") {
    CHECK(refused(png_that_claims(16'384, 10, false), R"({"width":16384,"format":"webp"})") ==
          "the result would be 16384x10 pixels; each side of a WebP may be at most 16383. "
          "Ask for a smaller size or for another format");
    const std::string png = file_of(plain(16'384, 1, {9, 9, 9}), Format::png);
    CHECK(resized(png, R"({"width":16383,"format":"webp"})").picture.width() == 16'383);
}

TEST_CASE("a JPEG with a hundred scans too many is refused") {
    std::string jpeg = progressive_jpeg_of(quarters(64, 48));
    const std::size_t last = jpeg.rfind("\xff\xda");
    const std::string scan = jpeg.substr(last, jpeg.size() - 2 - last);
    for (int i = 0; i < jpeg_scans_max; ++i) {
        jpeg.insert(jpeg.size() - 2, scan);
    }
    CHECK(refused(jpeg) == "the JPEG image has more than 100 scans");
}

TEST_CASE("a file over the size limit is refused") {
    std::string jpeg = file_of(quarters(64, 48), Format::jpeg);
    jpeg.resize(input_bytes_max + 1);
    CHECK(refused(jpeg) == "the file is 33554433 bytes long; at most 33554432 are allowed");
}

TEST_CASE("a result over the limits is refused before anything is decoded") {
    CHECK_THAT(refused(file_of(plain(20, 1600, {9, 9, 9}), Format::png), R"({"enlarge":true})"),
               ContainsSubstring("the result would be 800x64000 pixels"));
}

TEST_CASE("a header without pixels behind it is refused") {
    CHECK_THAT(refused(png_that_claims(500, 500, false)),
               ContainsSubstring("damaged or cut short"));
    CHECK_THAT(refused(png_that_claims(500, 500, true)), ContainsSubstring("damaged or cut short"));
    CHECK_THAT(refused(png_that_claims(0, 0, false)), ContainsSubstring("damaged or cut short"));
}

TEST_CASE("the library itself opens nothing but the allowed formats") {
    REQUIRE(resized(file_of(quarters(64, 48), Format::png), "{}").picture.width() == 64);
    const std::string svg = R"(<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>)";
    const std::string ppm = "P6 1 1 255 abc";
    const std::string matrix = "2 1\n1 2\n";
    const std::string gif = "GIF89a\1\0\1\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\2D\1\0;"s;
    for (const std::string& file : {svg, ppm, matrix, gif}) {
        CHECK_THROWS_AS(vips::VImage::new_from_buffer(file, ""), vips::VError);
    }
    vips_error_clear();
}

TEST_CASE("a failure leaves no words behind for the next one") {
    const std::string half = cut(file_of(noise(200, 200), Format::jpeg), 0.5);
    const std::string first = refused(half);
    CHECK(refused(half) == first);
    CHECK(std::string(vips_error_buffer()).empty());
}

TEST_CASE("words that a success left behind are not the reason of the next failure") {
    for (const Format format : {Format::jpeg, Format::png, Format::webp}) {
        for (const double fraction : {0.01, 0.5}) {
            CAPTURE(name(format), fraction);
            const std::string part = cut(file_of(noise(200, 200), format), fraction);
            const std::string reason = refused(part);
            vips_error("VipsIcc", "Read from memory error. Got 2 bytes");
            CHECK(refused(part) == reason);
        }
    }
}

TEST_CASE("only want of memory is worth another attempt") {
    const auto code = [](const std::string& reason) {
        return error_from(vips::VError(reason), "").code;
    };
    CHECK(code("VipsJpeg: Insufficient memory (case 4)") == ErrorCode::failed);
    CHECK(code("vips_tracked: out of memory --- size == 90MB") == ErrorCode::failed);
    CHECK(code("webpsave: picture memory error") == ErrorCode::failed);
    CHECK(code("VipsIcc: Read from memory error. Got 2 bytes") == ErrorCode::rejected);
    CHECK(code("pngload_buffer: libpng read error") == ErrorCode::rejected);
}

TEST_CASE("whatever bytes are changed, the answer is a picture or a refusal") {
    for (const Format format : {Format::jpeg, Format::png, Format::webp}) {
        const std::string file = file_of(noise(40, 30), format);
        std::uint32_t chance = 12345;
        for (int round = 0; round < 300; ++round) {
            std::string changed = file;
            for (int i = 0; i < 3; ++i) {
                chance = chance * 1664525 + 1013904223;
                // Most of what can go wrong is said in the first few hundred bytes.
                const std::size_t range = round % 2 == 0 ? file.size() : 300;
                changed[(chance >> 8U) % range] = static_cast<char>(chance);
            }
            const Result<Output> output = run(resize, "{}", as_byte_view(changed));
            CHECK((output.has_value() || output.error().code == ErrorCode::rejected));
        }
    }
}

}  // namespace
}  // namespace penstock::worker::image
