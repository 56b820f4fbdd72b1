#include "worker/handlers/image/encode.hpp"

#include <cstddef>
#include <memory>
#include <string>

#include "common/model/assert.hpp"
#include "worker/handlers/image/limits.hpp"
#include "worker/handlers/image/webp_metadata.hpp"

namespace penstock::worker::image {
namespace {

using vips::VImage;

vips::VOption* without_metadata() {
#if VIPS_MAJOR_VERSION > 8 || VIPS_MINOR_VERSION >= 15
    return VImage::option()->set("keep", VIPS_FOREIGN_KEEP_NONE);
#else
    return VImage::option()->set("strip", true);
#endif
}

VipsBlob* save(const VImage& picture, Format format, int quality) {
    vips::VOption* options = without_metadata();
    switch (format) {
        case Format::jpeg: return picture.jpegsave_buffer(options->set("Q", quality));
        case Format::png: return picture.pngsave_buffer(options);
        case Format::webp: return picture.webpsave_buffer(options->set("Q", quality));
    }
    PENSTOCK_ASSERT(false);
    return nullptr;
}

std::string would_be(Size picture) {
    return "the result would be " + std::to_string(picture.width) + "x" +
           std::to_string(picture.height) + " pixels; ";
}

}  // namespace

Result<void> check_encodable(Size picture, Format format) {
    if (format != Format::webp) {
        return {};
    }
    if (picture.width > webp_side_max || picture.height > webp_side_max) {
        return fail(ErrorCode::rejected, would_be(picture) + "each side of a WebP may be at most " +
                                             std::to_string(webp_side_max) +
                                             ". Ask for a smaller size or for another format");
    }
    if (picture.pixels() > webp_pixels_max) {
        return fail(ErrorCode::rejected, would_be(picture) + "a WebP may have at most " +
                                             std::to_string(webp_pixels_max / 1'000'000) +
                                             " megapixels. Ask for a smaller size or for "
                                             "another format");
    }
    return {};
}

SharedBytes encode(const vips::VImage& picture, Format format, int quality) {
    const std::shared_ptr<VipsBlob> blob(
        save(picture, format, quality), [](VipsBlob* owned) { vips_area_unref(VIPS_AREA(owned)); });
    std::size_t bytes = 0;
    const void* data = vips_blob_get(blob.get(), &bytes);
    const SharedBytes file{blob, ByteView(static_cast<const std::byte*>(data), bytes)};
    return format == Format::webp ? without_webp_metadata(file) : file;
}

}  // namespace penstock::worker::image
