#include "worker/handlers/image/render.hpp"

#include <algorithm>
#include <vector>

#include "worker/handlers/image/colour.hpp"

namespace penstock::worker::image {
namespace {

using vips::VImage;

VImage scale(const VImage& picture, Size scaled) {
    // gap 0: no averaging of whole pixels ahead of the Lanczos filter, which would be faster and
    // visibly different.
    return picture.resize(static_cast<double>(scaled.width) / picture.width(),
                          VImage::option()
                              ->set("vscale", static_cast<double>(scaled.height) / picture.height())
                              ->set("kernel", VIPS_KERNEL_LANCZOS3)
                              ->set("gap", 0.0));
}

// Colours of transparent pixels must not bleed into visible ones, so they are weighed by alpha.
VImage scale_weighed_by_alpha(const VImage& picture, Size scaled) {
    return scale(picture.premultiply(), scaled).unpremultiply().cast(picture.format());
}

}  // namespace

vips::VImage scale_upright(const vips::VImage& picture, Size scaled) {
    const int orientation = vips_image_get_orientation(picture.get_image());
    const Size stored = orientation >= 5 ? scaled.turned() : scaled;
    const VImage resized =
        picture.has_alpha() ? scale_weighed_by_alpha(picture, stored) : scale(picture, stored);
    const VImage coloured = to_srgb(resized);
    // Rows come from the decoder in order, turning wants them in another: hence the memory.
    return orientation == 1 ? coloured : coloured.copy_memory().autorot();
}

vips::VImage place_on_canvas(const vips::VImage& picture, Size canvas) {
    VImage placed = picture;
    if (canvas.width < picture.width() || canvas.height < picture.height()) {
        const int width = std::min(canvas.width, picture.width());
        const int height = std::min(canvas.height, picture.height());
        // In memory first: a file that ends within the rows cut off here is refused like any other.
        placed = picture.copy_memory().extract_area((picture.width() - width) / 2,
                                                    (picture.height() - height) / 2, width, height);
    }
    if (canvas.width > placed.width() || canvas.height > placed.height()) {
        std::vector<double> black(static_cast<std::size_t>(placed.bands()), 0.0);
        if (placed.has_alpha()) {
            black.back() = 255.0;
        }
        placed = placed.embed(
            (canvas.width - placed.width()) / 2, (canvas.height - placed.height()) / 2,
            canvas.width, canvas.height,
            VImage::option()->set("extend", VIPS_EXTEND_BACKGROUND)->set("background", black));
    }
    return placed;
}

}  // namespace penstock::worker::image
