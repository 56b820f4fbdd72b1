#include "tests/unit/worker/handlers/image/samples.hpp"

#include <cmath>
#include <fstream>
#include <iterator>
#include <memory>

#include "tests/unit/worker/sdk/fake_context.hpp"
#include "worker/handlers/catalog.hpp"
#include "worker/handlers/image/library.hpp"

namespace penstock::worker::image {
namespace {

using vips::VImage;
using namespace std::string_literals;

std::string text_of_blob(VipsBlob* owned) {
    const std::unique_ptr<VipsBlob, void (*)(VipsBlob*)> blob(
        owned, [](VipsBlob* area) { vips_area_unref(VIPS_AREA(area)); });
    std::size_t bytes = 0;
    const void* data = vips_blob_get(blob.get(), &bytes);
    return {static_cast<const char*>(data), bytes};
}

std::string big_endian(std::uint32_t number) {
    std::string bytes;
    for (const unsigned shift : {24U, 16U, 8U, 0U}) {
        bytes += static_cast<char>(number >> shift & 0xffU);
    }
    return bytes;
}

// The checksum of PNG chunks, ISO 3309.
std::uint32_t crc32(std::string_view bytes) {
    std::uint32_t crc = ~0U;
    for (const char byte : bytes) {
        crc ^= static_cast<unsigned char>(byte);
        for (int bit = 0; bit < 8; ++bit) {
            crc = crc >> 1U ^ ((crc & 1U) != 0 ? 0xedb88320U : 0U);
        }
    }
    return ~crc;
}

std::string png_chunk(const std::string& type, const std::string& content) {
    return big_endian(static_cast<std::uint32_t>(content.size())) + type + content +
           big_endian(crc32(type + content));
}

}  // namespace

std::string photo(std::string_view name) {
    const std::string path = PENSTOCK_SOURCE_DIR "/photos/" + std::string(name);
    std::ifstream stream(path, std::ios::binary);
    INFO(path);
    REQUIRE(stream.good());
    return {std::istreambuf_iterator<char>(stream), {}};
}

vips::VImage plain(int width, int height, const std::vector<double>& colour) {
    REQUIRE(start_library().has_value());
    const VipsInterpretation interpretation =
        colour.size() < 3 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB;
    const VImage black = VImage::black(width, height);
    return (black + colour)
        .cast(VIPS_FORMAT_UCHAR)
        .copy(VImage::option()->set("interpretation", interpretation));
}

vips::VImage quarters(int width, int height) {
    const int right = width / 2;
    const int lower = height / 2;
    return plain(width, height, {255, 0, 0})
        .insert(plain(width - right, lower, {0, 255, 0}), right, 0)
        .insert(plain(right, height - lower, {0, 0, 255}), 0, lower)
        .insert(plain(width - right, height - lower, {255, 255, 255}), right, lower);
}

vips::VImage noise(int width, int height) {
    REQUIRE(start_library().has_value());
    const VImage grey =
        VImage::gaussnoise(
            width, height,
            VImage::option()->set("mean", 128.0)->set("sigma", 40.0)->set("seed", 20261))
            .cast(VIPS_FORMAT_UCHAR);
    const std::vector<VImage> bands{grey, grey, grey};
    return VImage::bandjoin(bands).copy(
        VImage::option()->set("interpretation", VIPS_INTERPRETATION_sRGB));
}

vips::VImage coordinates(int width, int height) {
    REQUIRE(start_library().has_value());
    return tagged(VImage::xyz(width, height).bandjoin_const({0}).cast(VIPS_FORMAT_UCHAR),
                  VIPS_INTERPRETATION_sRGB);
}

vips::VImage tagged(const vips::VImage& picture, VipsInterpretation interpretation) {
    return picture.copy(VImage::option()->set("interpretation", interpretation));
}

vips::VImage deep(const vips::VImage& picture) {
    const VImage wide = (picture.cast(VIPS_FORMAT_USHORT) * 257).cast(VIPS_FORMAT_USHORT);
    return tagged(wide, picture.interpretation() == VIPS_INTERPRETATION_B_W
                            ? VIPS_INTERPRETATION_GREY16
                            : VIPS_INTERPRETATION_RGB16);
}

std::string file_of(const vips::VImage& picture, Format format) {
    switch (format) {
        case Format::jpeg:
            return text_of_blob(picture.jpegsave_buffer(VImage::option()->set("Q", 95)));
        case Format::png: return text_of_blob(picture.pngsave_buffer());
        case Format::webp:
            return text_of_blob(picture.webpsave_buffer(VImage::option()->set("lossless", true)));
    }
    return {};
}

std::string progressive_jpeg_of(const vips::VImage& picture) {
    return text_of_blob(picture.jpegsave_buffer(VImage::option()->set("interlace", true)));
}

std::string with_orientation(const std::string& jpeg, int orientation) {
    const std::string entry =
        "\x12\x01\x03\0\x01\0\0\0"s + static_cast<char>(orientation) + "\0\0\0"s;
    const std::string tiff = "II*\0\x08\0\0\0\x01\0"s + entry + "\0\0\0\0"s;
    const std::string exif = "Exif\0\0"s + tiff;
    const auto length = static_cast<std::uint32_t>(exif.size() + 2);
    const std::string segment = "\xff\xe1" + big_endian(length).substr(2) + exif;
    return jpeg.substr(0, 2) + segment + jpeg.substr(2);
}

std::string with_claimed_size(std::string jpeg, int width, int height) {
    // The frame header, baseline or progressive, of three components and 8 bits.
    std::size_t frame = jpeg.find("\xff\xc0\0\x11\x08"s);
    if (frame == std::string::npos) {
        frame = jpeg.find("\xff\xc2\0\x11\x08"s);
    }
    REQUIRE(frame != std::string::npos);
    constexpr std::size_t to_sides = 5;
    const std::string sides = big_endian(static_cast<std::uint32_t>(height)).substr(2) +
                              big_endian(static_cast<std::uint32_t>(width)).substr(2);
    return jpeg.replace(frame + to_sides, sides.size(), sides);
}

std::string png_that_claims(std::uint32_t width, std::uint32_t height, bool interlaced) {
    const std::string header =
        big_endian(width) + big_endian(height) + "\x08\x02\0\0"s + (interlaced ? '\1' : '\0');
    return "\x89PNG\r\n\x1a\n"s + png_chunk("IHDR", header) +
           png_chunk("IDAT", "\x78\x9c\x03\0\0\0\0\x01"s) + png_chunk("IEND", "");
}

std::string webp_that_claims(std::uint32_t width, std::uint32_t height) {
    const auto little_endian = [](std::uint32_t number) {
        const std::string bytes = big_endian(number);
        return std::string(bytes.rbegin(), bytes.rend());
    };
    // Fourteen bits for each side, less one.
    const std::string sides = little_endian((width - 1) | (height - 1) << 14U);
    const std::string pixels = "\x2f" + sides + std::string(11, '\0');
    const std::string chunk =
        "VP8L" + little_endian(static_cast<std::uint32_t>(pixels.size())) + pixels;
    return "RIFF" + little_endian(static_cast<std::uint32_t>(chunk.size() + 4)) + "WEBP" + chunk;
}

std::vector<double> Made::at(double x, double y) const {
    return picture.getpoint(static_cast<int>(x * picture.width()),
                            static_cast<int>(y * picture.height()));
}

Resized resized(const std::string& file, std::string_view args_json) {
    return made(resize, file, args_json);
}

Made made(Handler handler, const std::string& file, std::string_view args_json) {
    const Result<Output> output = run(handler, args_json, as_byte_view(file));
    INFO(args_json);
    INFO((output ? "" : output.error().message));
    REQUIRE(output.has_value());
    Made result{output->value, std::string(as_text(output->payload.view())), {}};
    result.picture = VImage::new_from_buffer(result.file, "").copy_memory();
    CHECK(result.facts["width"] == result.picture.width());
    CHECK(result.facts["height"] == result.picture.height());
    CHECK(result.facts["bytes"] == result.file.size());
    CHECK(result.facts["format"] == name(sniff(as_byte_view(result.file)).value()));
    return result;
}

std::string refused(const std::string& file, std::string_view args_json) {
    return refused(resize, file, args_json);
}

std::string refused(Handler handler, const std::string& file, std::string_view args_json) {
    const Result<Output> output = run(handler, args_json, as_byte_view(file));
    REQUIRE_FALSE(output.has_value());
    const std::string& message = output.error().message;
    CAPTURE(message);
    CHECK(output.error().code == ErrorCode::rejected);
    CHECK(message.find('\n') == std::string::npos);
    CHECK(message.size() < 250);
    return message;
}

double difference(const vips::VImage& a, const vips::VImage& b) {
    REQUIRE(a.width() == b.width());
    REQUIRE(a.height() == b.height());
    REQUIRE(a.bands() == b.bands());
    return (a - b).abs().max();
}

bool is_near(const std::vector<double>& a, const std::vector<double>& b, double tolerance) {
    if (a.size() != b.size()) {
        return false;
    }
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (std::abs(a[i] - b[i]) > tolerance) {
            return false;
        }
    }
    return true;
}

}  // namespace penstock::worker::image
