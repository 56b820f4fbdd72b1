#include "worker/handlers/image/gaussian.hpp"

#include <cmath>
#include <vector>

#include "worker/handlers/image/alpha.hpp"
#include "worker/handlers/image/geometry.hpp"

namespace penstock::worker::image {
namespace {

using vips::VImage;

// What the Gaussian has fallen to where it is cut off: at three and a half sigma.
constexpr double least_amplitude = 0.002;
constexpr double reach = 3.5;

VImage convolve(const VImage& picture, double sigma) {
    return picture.gaussblur(
        sigma,
        VImage::option()->set("precision", VIPS_PRECISION_FLOAT)->set("min_ampl", least_amplitude));
}

int round_up(double number, int step) {
    return static_cast<int>(std::ceil(number / step)) * step;
}

// With the outermost pixels going on as far as the blur reaches, in whole squares: the mean of the
// outermost square would be something else.
VImage padded(const VImage& picture, int padding, int square) {
    return picture.embed(padding, padding, 2 * padding + round_up(picture.width(), square),
                         2 * padding + round_up(picture.height(), square),
                         VImage::option()->set("extend", VIPS_EXTEND_COPY));
}

// Enlarges linearly; the square at (padding, padding) becomes the upper left of the result.
VImage enlarged(const VImage& picture, int square, int padding, Size size) {
    // What is in the middle of a pixel has whole coordinates.
    const double middle = (square - 1) / 2.0 - padding;
    return picture.affine({static_cast<double>(square), 0, 0, static_cast<double>(square)},
                          VImage::option()
                              ->set("interpolate", vips::VInterpolate::new_from_name("bilinear"))
                              ->set("oarea", std::vector<int>{0, 0, size.width, size.height})
                              ->set("odx", middle)
                              ->set("ody", middle)
                              ->set("extend", VIPS_EXTEND_COPY)
                              ->set("premultiplied", true));
}

// The same on a picture whose pixels are squares of the first one's: all that a wide blur leaves
// can be seen there as well. Averaging squares and enlarging linearly blur, too; variances add up,
// so what those two do is taken off what is left to do.
VImage convolve_squares(const VImage& picture, double sigma, int square) {
    const double squared = static_cast<double>(square) * square;
    const double averaging = (squared - 1) / 12;
    const double enlarging = squared / 6;
    const double remaining = std::sqrt(sigma * sigma - averaging - enlarging) / square;
    const int padding = round_up(reach * sigma, square);
    const VImage small =
        padded(picture, padding, square).cast(VIPS_FORMAT_FLOAT).shrink(square, square);
    return enlarged(convolve(small, remaining).copy_memory(), square, padding,
                    {picture.width(), picture.height()});
}

}  // namespace

vips::VImage gaussian(const vips::VImage& picture, double sigma) {
    // Two pixels of the smaller picture are the narrowest blur that hides its squares.
    const int square = static_cast<int>(sigma / 2);
    return mixed_by_alpha(picture, [sigma, square](const VImage& weighed) {
        return square > 1 ? convolve_squares(weighed, sigma, square) : convolve(weighed, sigma);
    });
}

}  // namespace penstock::worker::image
