#include "worker/handlers/image/colour.hpp"

#include <cstddef>

namespace penstock::worker::image {
namespace {

using vips::VImage;

bool has_usable_profile(const VImage& picture) {
    if (picture.get_typeof(VIPS_META_ICC_NAME) == 0) {
        return false;
    }
    std::size_t bytes = 0;
    const void* profile = picture.get_blob(VIPS_META_ICC_NAME, &bytes);
    return vips_icc_is_compatible_profile(picture.get_image(), profile, bytes) != FALSE;
}

vips::VOption* transform_options() {
    return VImage::option()->set("intent", VIPS_INTENT_PERCEPTUAL)->set("depth", 8);
}

}  // namespace

vips::VImage to_srgb(const vips::VImage& picture) {
    // Only where a profile is embedded: without one the same call would shift the colours.
    if (has_usable_profile(picture)) {
        return picture.icc_transform("srgb", transform_options()->set("embedded", true));
    }
    if (picture.interpretation() == VIPS_INTERPRETATION_CMYK) {
        return picture.icc_transform("srgb", transform_options()->set("input_profile", "cmyk"));
    }
    constexpr int grey_with_alpha = 2;
    const bool is_grey = picture.bands() <= grey_with_alpha;
    return picture.colourspace(is_grey ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB);
}

}  // namespace penstock::worker::image
