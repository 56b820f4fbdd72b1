#include "worker/handlers/image/decode.hpp"

#include <memory>
#include <string>
#include <string_view>

#include "common/model/assert.hpp"
#include "worker/handlers/image/jpeg_scans.hpp"
#include "worker/handlers/image/limits.hpp"

namespace penstock::worker::image {
namespace {

using vips::VImage;

vips::VOption* load_options() {
    // The option, not vips_thumbnail: that one ignores fail_on and lets truncated files through.
    return VImage::option()
        ->set("access", VIPS_ACCESS_SEQUENTIAL)
        ->set("fail_on", VIPS_FAIL_ON_TRUNCATED);
}

VImage load(ByteView file, Format format, int shrink) {
    const auto release = [](VipsBlob* blob) { vips_area_unref(VIPS_AREA(blob)); };
    const std::unique_ptr<VipsBlob, decltype(release)> blob(
        vips_blob_new(nullptr, file.data(), file.size()), release);
    switch (format) {
        case Format::jpeg:
            return VImage::jpegload_buffer(blob.get(), load_options()->set("shrink", shrink));
        case Format::png: return VImage::pngload_buffer(blob.get(), load_options());
        case Format::webp:
            return VImage::webpload_buffer(blob.get(), load_options()->set("scale", 1.0 / shrink));
    }
    PENSTOCK_ASSERT(false);
    return {};
}

std::string megapixels(std::int64_t pixels) {
    return std::to_string(pixels / 1'000'000) + " megapixels";
}

// A number in the image's metadata; 0 if it is absent.
int metadata(const VImage& image, const char* field) {
    return image.get_typeof(field) == 0 ? 0 : image.get_int(field);
}

// True if the file cannot be decoded row by row. libvips has two names for it, by version.
bool is_held_whole(const VImage& image) {
    return metadata(image, "interlaced") != 0 || metadata(image, "jpeg-multiscan") != 0;
}

struct PixelLimit {
    std::int64_t pixels;
    const char* whose;
};

PixelLimit pixel_limit(const VImage& image, Format format) {
    if (format == Format::webp) {
        return {webp_pixels_max, "a WebP"};
    }
    if (!is_held_whole(image)) {
        return {pixels_max, "an image"};
    }
    return format == Format::png ? PixelLimit{interlaced_png_pixels_max, "an interlaced PNG"}
                                 : PixelLimit{progressive_jpeg_pixels_max, "a progressive JPEG"};
}

Result<void> check_header(const VImage& image, Format format) {
    const Size size{image.width(), image.height()};
    const std::string is = "the " + std::string(name(format)) + " image is " +
                           std::to_string(size.width) + "x" + std::to_string(size.height) +
                           " pixels; ";
    if (size.width > side_max || size.height > side_max) {
        return fail(ErrorCode::rejected,
                    is + "each side may be at most " + std::to_string(side_max));
    }
    const PixelLimit limit = pixel_limit(image, format);
    if (size.pixels() > limit.pixels) {
        return fail(ErrorCode::rejected,
                    is + limit.whose + " may have at most " + megapixels(limit.pixels));
    }
    if (image.bands() > bands_max) {
        return fail(ErrorCode::rejected, "the image has " + std::to_string(image.bands()) +
                                             " channels; at most " + std::to_string(bands_max) +
                                             " are allowed");
    }
    return {};
}

Result<void> check_profile(const VImage& image) {
    if (image.get_typeof(VIPS_META_ICC_NAME) == 0) {
        return {};
    }
    std::size_t bytes = 0;
    image.get_blob(VIPS_META_ICC_NAME, &bytes);
    if (bytes > profile_bytes_max) {
        return fail(ErrorCode::rejected, "the colour profile is " + std::to_string(bytes) +
                                             " bytes long; at most " +
                                             std::to_string(profile_bytes_max) + " are allowed");
    }
    return {};
}

// libpng reads no further than the last row, and would not miss what should follow. The last chunk
// of a PNG is always the same twelve bytes: no content, name, checksum.
bool has_png_end(ByteView png) {
    using namespace std::string_view_literals;
    return as_text(png).rfind("\0\0\0\0IEND\xae\x42\x60\x82"sv) != std::string_view::npos;
}

Result<void> check_file(ByteView file, Format format) {
    if (file.size() > input_bytes_max) {
        return fail(ErrorCode::rejected, "the file is " + std::to_string(file.size()) +
                                             " bytes long; at most " +
                                             std::to_string(input_bytes_max) + " are allowed");
    }
    if (format == Format::jpeg && count_jpeg_scans(file) > jpeg_scans_max) {
        return fail(ErrorCode::rejected,
                    "the JPEG image has more than " + std::to_string(jpeg_scans_max) + " scans");
    }
    if (format == Format::png && !has_png_end(file)) {
        return fail(ErrorCode::rejected,
                    "the image is damaged or cut short: the PNG does not end with an IEND chunk");
    }
    return {};
}

Source source_of(ByteView file, Format format, const VImage& header) {
    return {.file = file,
            .format = format,
            .stored = {header.width(), header.height()},
            .orientation = vips_image_get_orientation(header.get_image()),
            .channels = header.bands(),
            .bit_depth = header.format() == VIPS_FORMAT_USHORT ? 16 : 8,
            .has_alpha = header.has_alpha(),
            .has_profile = header.get_typeof(VIPS_META_ICC_NAME) != 0};
}

}  // namespace

Result<Source> open_image(ByteView file) {
    const Result<Format> format = sniff(file);
    if (!format) {
        return tl::unexpected(format.error());
    }
    if (const Result<void> checked = check_file(file, *format); !checked) {
        return tl::unexpected(checked.error());
    }
    const VImage header = load(file, *format, 1);
    return check_header(header, *format).and_then([&] { return check_profile(header); }).map([&] {
        return source_of(file, *format, header);
    });
}

vips::VImage decode(const Source& source, int shrink) {
    return load(source.file, source.format, shrink);
}

}  // namespace penstock::worker::image
