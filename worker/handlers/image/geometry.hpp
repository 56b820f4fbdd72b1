// Which size a picture gets: arithmetic only, no pixels.
//
// Thread rule: values.
#pragma once

#include <cstdint>
#include <optional>

#include "common/model/result.hpp"

namespace penstock::worker::image {

// Pixels.
struct Size {
    int width = 0;
    int height = 0;

    [[nodiscard]] std::int64_t pixels() const { return std::int64_t{width} * height; }
    [[nodiscard]] Size turned() const { return {height, width}; }
    friend bool operator==(const Size&, const Size&) = default;
};

// The lesser width and the lesser height.
[[nodiscard]] Size smaller_sides(Size a, Size b);

// How a picture meets a box of width x height; the names and meanings of CSS object-fit and sharp.
enum class Fit : std::uint8_t {
    inside,   // keeps its shape, as large as the box allows
    outside,  // keeps its shape, as small as covers the box
    contain,  // as inside, centred on a canvas of exactly the box
    cover,    // as outside, its centre cut to the box
    fill,     // takes the shape of the box
};

// With one side, the other follows the picture's shape, whatever the fit.
struct Box {
    std::optional<int> width;
    std::optional<int> height;
    Fit fit = Fit::inside;
    bool enlarge = false;  // if not, no side of the picture grows
};

// The picture is scaled, then put on the canvas: what is over is cut, what is missing filled.
struct Geometry {
    Size scaled;
    Size canvas;

    friend bool operator==(const Geometry&, const Geometry&) = default;
};

// A picture of that size that would be over the limits (limits.hpp) is ErrorCode::rejected.
[[nodiscard]] Result<void> check_result_size(Size size);

// For a picture that stands upright. Requires: one side of the box at least, all sides >= 1.
// A result over the limits (limits.hpp) is ErrorCode::rejected.
[[nodiscard]] Result<Geometry> plan_geometry(Size picture, const Box& box);

// By how much (1, 2, 4 or 8) the decoder itself may shrink. It does so quickly and coarsely, so
// more than one step is always left to the resampling.
[[nodiscard]] int decoder_shrink(Size stored, Size scaled);

}  // namespace penstock::worker::image
