// Which part of a picture is kept when it is cut.
//
// Thread rule: free functions over values.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vips/vips8>

#include "worker/handlers/image/geometry.hpp"
#include "worker/sdk/arguments.hpp"

namespace penstock::worker::image {

// Towards which side: 0 is the left or the top, 1 the middle, 2 the right or the bottom.
struct Gravity {
    int across = 1;
    int down = 1;
};

// What libvips looks for in the picture itself.
enum class Focus : std::uint8_t {
    attention,  // edges, skin and strong colours
    entropy,    // detail
};

// Pixels from the left and from the top.
struct Corner {
    int left = 0;
    int top = 0;
};

using Placement = std::variant<Gravity, Focus, Corner>;

// The field "gravity" or "focus"; nothing if there is neither. Does not end the reading.
[[nodiscard]] std::optional<Placement> read_gravity_or_focus(Arguments& arguments);

// A part of the picture, in memory if it is not all of it. Requires: `part` fits in the picture, at
// the corner if there is one. Throws vips::VError.
[[nodiscard]] vips::VImage cut(const vips::VImage& picture, Size part, const Placement& placement);

}  // namespace penstock::worker::image
