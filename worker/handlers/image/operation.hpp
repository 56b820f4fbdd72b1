// One thing that can be done to a picture, apart from files: its options are read and checked, its
// cost is known before a pixel is made, and it runs alone or as a step among others.
//
// Thread rule: values on the stack of one handler.
#pragma once

#include <functional>
#include <vips/vips8>

#include "common/model/result.hpp"
#include "worker/handlers/image/geometry.hpp"
#include "worker/sdk/arguments.hpp"

namespace penstock::worker::image {

// Pixels to pixels: upright, 8 bits per channel, in sRGB or grey, perhaps with alpha, on both
// sides. Rows may come from a decoder that goes from the top down once, so whoever wants them in
// another order, or not all of them, copies the picture to memory first: a file that ends within
// rows nobody asked for would not be found out. Throws vips::VError.
using Draw = std::function<vips::VImage(const vips::VImage& picture)>;

// What an operation will do to a picture of a size that is known.
struct Plan {
    // The size the picture is brought to first, by whoever does that best: the decoder, if nothing
    // was done to the picture before.
    Size scaled;
    // The size that `draw` makes of that.
    Size result;
    Draw draw;  // empty: that was all
};

// Arithmetic only, no pixels. What cannot be done to a picture of that size is ErrorCode::rejected;
// the limits on sizes are checked by the caller.
using Operation = std::function<Result<Plan>(Size picture)>;

// Reads the options of an operation, but does not end the reading: the caller may have fields of
// its own. The operation is to be used only if Arguments::check() finds no mistake.
using ReadOperation = Operation (*)(Arguments& arguments);

// An operation that leaves the picture's size alone.
[[nodiscard]] inline Operation same_size(Draw draw) {
    return [draw = std::move(draw)](Size picture) -> Result<Plan> {
        return Plan{picture, picture, draw};
    };
}

}  // namespace penstock::worker::image
