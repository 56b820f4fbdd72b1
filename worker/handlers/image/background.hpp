// The colour of what a picture does not cover.
//
// Thread rule: free functions over values.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>
#include <vips/vips8>

#include "worker/sdk/arguments.hpp"

namespace penstock::worker::image {

// sRGB; opaque black unless something else is said.
struct Background {
    std::uint8_t red = 0;
    std::uint8_t green = 0;
    std::uint8_t blue = 0;
    std::uint8_t alpha = 255;
};

// A field that holds "#rrggbb" or "#rrggbbaa", hexadecimal. Does not end the reading.
[[nodiscard]] Background read_background(Arguments& arguments, std::string_view field);

// The picture with the channels that it takes to show the colour: a grey one becomes RGB for a
// colour, an opaque one gets alpha for one that can be seen through. Throws vips::VError.
[[nodiscard]] vips::VImage able_to_show(const vips::VImage& picture, Background background);

// The colour in the channels of a picture that can show it, weighed by alpha if there is alpha.
[[nodiscard]] std::vector<double> weighed_levels(Background background,
                                                 const vips::VImage& picture);

}  // namespace penstock::worker::image
