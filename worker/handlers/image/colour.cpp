#include "worker/handlers/image/colour.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace penstock::worker::image {
namespace {

using vips::VImage;

// The colour space that a profile for this picture names in its header.
std::string_view fitting_colour_space(const VImage& picture) {
    const VipsInterpretation is = picture.interpretation();
    if (is == VIPS_INTERPRETATION_B_W || is == VIPS_INTERPRETATION_GREY16) {
        return "GRAY";
    }
    return is == VIPS_INTERPRETATION_CMYK ? "CMYK" : "RGB ";
}

bool has_fitting_profile(const VImage& picture) {
    if (picture.get_typeof(VIPS_META_ICC_NAME) == 0) {
        return false;
    }
    std::size_t bytes = 0;
    const void* data = picture.get_blob(VIPS_META_ICC_NAME, &bytes);
    const std::string_view profile(static_cast<const char*>(data), bytes);
    // libvips asks for as many channels as the picture has, and Lab and XYZ have three like RGB.
    constexpr std::size_t colour_space_offset = 16;
    return profile.size() > colour_space_offset &&
           profile.substr(colour_space_offset).starts_with(fitting_colour_space(picture)) &&
           vips_icc_is_compatible_profile(picture.get_image(), data, bytes) != FALSE;
}

VImage into_srgb(const VImage& picture, vips::VOption* options) {
    // Depth 8 would clip an alpha of 16 bits to 255, which is opaque nearly everywhere.
    const int depth = picture.format() == VIPS_FORMAT_USHORT ? 16 : 8;
    return picture
        .icc_transform("srgb", options->set("intent", VIPS_INTENT_PERCEPTUAL)->set("depth", depth))
        .colourspace(VIPS_INTERPRETATION_sRGB);
}

// Nothing if no profile is embedded that can be used.
std::optional<VImage> by_embedded_profile(const VImage& picture) {
    try {
        if (has_fitting_profile(picture)) {
            return into_srgb(picture, VImage::option()->set("embedded", true));
        }
    } catch (const vips::VError&) {
        // Damage behind the profile's header shows here already, where the conversion is planned:
        // no pixel has been asked for yet.
    }
    // What was said about the profile would be taken for the reason of a later failure.
    vips_error_clear();
    return std::nullopt;
}

}  // namespace

vips::VImage to_srgb(const vips::VImage& picture) {
    // Only where a profile is embedded: without one the same call would shift the colours.
    if (const std::optional<VImage> converted = by_embedded_profile(picture)) {
        return *converted;
    }
    if (picture.interpretation() == VIPS_INTERPRETATION_CMYK) {
        return into_srgb(picture, VImage::option()->set("input_profile", "cmyk"));
    }
    constexpr int grey_with_alpha = 2;
    const bool is_grey = picture.bands() <= grey_with_alpha;
    return picture.colourspace(is_grey ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB);
}

}  // namespace penstock::worker::image
