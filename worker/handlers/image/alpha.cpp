#include "worker/handlers/image/alpha.hpp"

#include <vector>

namespace penstock::worker::image {

using vips::VImage;

vips::VImage mixed_by_alpha(const vips::VImage& picture,
                            const std::function<vips::VImage(const vips::VImage&)>& mix) {
    return picture.has_alpha() ? mix(picture.premultiply()).unpremultiply() : mix(picture);
}

vips::VImage rounded(const vips::VImage& picture, VipsBandFormat format) {
    return picture.rint().cast(format);
}

vips::VImage without_alpha(const vips::VImage& picture) {
    constexpr double white = 255;
    return picture.has_alpha()
               ? picture.flatten(VImage::option()->set("background", std::vector<double>{white}))
               : picture;
}

}  // namespace penstock::worker::image
