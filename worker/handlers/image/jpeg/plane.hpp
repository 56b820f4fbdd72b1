// One component of a picture as JPEG has it: luma, or one of the two chromas, perhaps at a coarser
// grid than the picture.
//
// Thread rule: values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace penstock::worker::image {

using Sample = std::uint8_t;

// A grid of samples over a picture. The last sample of a row may lie in part outside of the
// picture: `across` and `down` say how many samples the picture itself takes, not always a whole
// number of them.
struct Grid {
    int width = 0;
    int height = 0;
    double across = 0;
    double down = 0;
};

struct Plane {
    int width = 0;
    int height = 0;
    std::vector<Sample> samples;  // row by row

    Plane() = default;
    Plane(int plane_width, int plane_height)
        : width(plane_width),
          height(plane_height),
          samples(static_cast<std::size_t>(plane_width) * static_cast<std::size_t>(plane_height)) {}

    [[nodiscard]] Sample* row(int y) { return &samples[offset(y)]; }
    [[nodiscard]] const Sample* row(int y) const { return &samples[offset(y)]; }

  private:
    [[nodiscard]] std::size_t offset(int y) const {
        return static_cast<std::size_t>(y) * static_cast<std::size_t>(width);
    }
};

}  // namespace penstock::worker::image
