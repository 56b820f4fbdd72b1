#include "worker/handlers/image/render.hpp"

#include <algorithm>
#include <vector>

#include "worker/handlers/image/alpha.hpp"
#include "worker/handlers/image/colour.hpp"

namespace penstock::worker::image {
namespace {

using vips::VImage;

// Lanczos alone when shrinking takes about six source pixels a factor into each sum, and libvips
// refuses more than 2000 of them.
constexpr double lanczos_shrink_max = 300;

// gap 0: no averaging of whole pixels ahead of the Lanczos filter, which would be faster and
// visibly different. Where the filter cannot go, averaging leaves a factor of two at least to it.
double averaging_gap(const VImage& picture, Size scaled) {
    const double shrink = std::max(static_cast<double>(picture.width()) / scaled.width,
                                   static_cast<double>(picture.height()) / scaled.height);
    return shrink > lanczos_shrink_max ? 2.0 : 0.0;
}

VImage resample(const VImage& picture, Size scaled) {
    return picture.resize(static_cast<double>(scaled.width) / picture.width(),
                          VImage::option()
                              ->set("vscale", static_cast<double>(scaled.height) / picture.height())
                              ->set("kernel", VIPS_KERNEL_LANCZOS3)
                              ->set("gap", averaging_gap(picture, scaled)));
}

}  // namespace

vips::VImage scale(const vips::VImage& picture, Size scaled) {
    if (scaled == Size{picture.width(), picture.height()}) {
        return picture;
    }
    const VImage mixed = mixed_by_alpha(
        picture, [scaled](const VImage& weighed) { return resample(weighed, scaled); });
    return picture.has_alpha() ? rounded(mixed, picture.format()) : mixed;
}

vips::VImage scale_upright(const vips::VImage& picture, Size scaled) {
    const int orientation = vips_image_get_orientation(picture.get_image());
    const Size stored = orientation >= 5 ? scaled.turned() : scaled;
    const VImage coloured = to_srgb(scale(picture, stored));
    // Rows come from the decoder in order, turning wants them in another: hence the memory.
    return orientation == 1 ? coloured : coloured.copy_memory().autorot();
}

vips::VImage frame(const vips::VImage& picture, Size canvas) {
    if (canvas == Size{picture.width(), picture.height()}) {
        return picture;
    }
    std::vector<double> black(static_cast<std::size_t>(picture.bands()), 0.0);
    if (picture.has_alpha()) {
        black.back() = 255.0;
    }
    return picture.embed(
        (canvas.width - picture.width()) / 2, (canvas.height - picture.height()) / 2, canvas.width,
        canvas.height,
        VImage::option()->set("extend", VIPS_EXTEND_BACKGROUND)->set("background", black));
}

}  // namespace penstock::worker::image
