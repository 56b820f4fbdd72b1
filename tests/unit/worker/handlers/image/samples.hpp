// Pictures and files for the image tests: real photographs, and what no camera would make.
//
// Thread rule: the thread of the tests.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>
#include <vips/vips8>

#include "common/model/bytes.hpp"
#include "common/protocol/value.hpp"
#include "worker/handlers/image/format.hpp"
#include "worker/sdk/handler.hpp"

namespace penstock::worker::image {

// The bytes of a photograph that the repository ships.
[[nodiscard]] std::string photo(std::string_view name);

// A picture of one colour.
[[nodiscard]] vips::VImage plain(int width, int height, const std::vector<double>& colour);
// Red, green, blue and white quarters: clockwise from the upper left, red, green, white, blue.
[[nodiscard]] vips::VImage quarters(int width, int height);
// A picture too irregular to be compressed to nothing.
[[nodiscard]] vips::VImage noise(int width, int height);

// A picture whose every pixel says where it is: its column in red, its row in green. Each side at
// most 256.
[[nodiscard]] vips::VImage coordinates(int width, int height);
// The same bytes, taken for another colour space.
[[nodiscard]] vips::VImage tagged(const vips::VImage& picture, VipsInterpretation interpretation);
// The picture with 16 bits per channel.
[[nodiscard]] vips::VImage deep(const vips::VImage& picture);

// The picture as a file of that format, with all metadata; JPEG at quality 95.
[[nodiscard]] std::string file_of(const vips::VImage& picture, Format format);
[[nodiscard]] std::string progressive_jpeg_of(const vips::VImage& picture);
// The same JPEG with an EXIF block that says only how it lies.
[[nodiscard]] std::string with_orientation(const std::string& jpeg, int orientation);
// The same JPEG whose header claims other sides.
[[nodiscard]] std::string with_claimed_size(std::string jpeg, int width, int height);
// An 8-bit RGB PNG of those sides with hardly any pixels in it.
[[nodiscard]] std::string png_that_claims(std::uint32_t width, std::uint32_t height,
                                          bool interlaced);
// A lossless WebP of those sides, 1 to 16384, with no pixels in it.
[[nodiscard]] std::string webp_that_claims(std::uint32_t width, std::uint32_t height);

// A file that a handler made, decoded again.
struct Made {
    Value facts;
    std::string file;
    vips::VImage picture;

    // The channels at a point, each side given as a fraction of the picture.
    [[nodiscard]] std::vector<double> at(double x, double y) const;
};
// Runs a handler, which must succeed.
[[nodiscard]] Made made(Handler handler, const std::string& file, std::string_view args_json);
// Runs image.resize, which must succeed.
using Resized = Made;
[[nodiscard]] Resized resized(const std::string& file, std::string_view args_json);
// Runs a handler, which must reject the file, in one short line.
[[nodiscard]] std::string refused(Handler handler, const std::string& file,
                                  std::string_view args_json);
// Runs image.resize, which must reject the file, in one short line.
[[nodiscard]] std::string refused(const std::string& file, std::string_view args_json = "{}");

// The largest difference between two pictures that must have the same shape.
[[nodiscard]] double difference(const vips::VImage& a, const vips::VImage& b);
// True if no channel is further from the other than `tolerance`.
[[nodiscard]] bool is_near(const std::vector<double>& a, const std::vector<double>& b,
                           double tolerance = 8);

}  // namespace penstock::worker::image
