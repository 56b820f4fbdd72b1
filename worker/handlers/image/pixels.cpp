#include "worker/handlers/image/pixels.hpp"

#include <memory>
#include <vips/vips8>

#include "common/model/assert.hpp"
#include "worker/handlers/image/alpha.hpp"
#include "worker/handlers/image/decode.hpp"
#include "worker/handlers/image/fault.hpp"
#include "worker/handlers/image/open_input.hpp"
#include "worker/handlers/image/placement.hpp"
#include "worker/handlers/image/render.hpp"

namespace penstock::worker::image {
namespace {

using vips::VImage;

SharedBytes bytes_of(const VImage& picture) {
    std::size_t bytes = 0;
    const std::shared_ptr<void> memory(picture.write_to_memory(&bytes), g_free);
    return {memory, ByteView(static_cast<const std::byte*>(memory.get()), bytes)};
}

SharedBytes render(const Source& source, const Geometry& geometry) {
    const Size stored = source.orientation >= 5 ? geometry.scaled.turned() : geometry.scaled;
    const VImage decoded = decode(source, decoder_shrink(source.stored, stored));
    // Grey becomes three equal channels only here, after it was scaled as one.
    const VImage coloured = without_alpha(scale_upright(decoded, geometry.scaled))
                                .colourspace(VIPS_INTERPRETATION_sRGB);
    const Size kept = smaller_sides(geometry.scaled, geometry.canvas);
    return bytes_of(frame(cut(coloured, kept, Gravity{}), geometry.canvas));
}

Result<SharedBytes> render_or_explain(const Source& source, const Geometry& geometry) {
    try {
        return render(source, geometry);
    } catch (const vips::VError& error) {
        return tl::unexpected(render_fault(error, source));
    }
}

}  // namespace

Result<SharedBytes> rgb_pixels(ByteView file, Size size, Fit fit) {
    PENSTOCK_ASSERT(fit == Fit::contain || fit == Fit::cover || fit == Fit::fill);
    const Result<Source> source = open_input(file);
    if (!source) {
        return tl::unexpected(source.error());
    }
    const Box box{.width = size.width, .height = size.height, .fit = fit, .enlarge = true};
    const Result<Geometry> geometry = plan_geometry(source->upright(), box);
    if (!geometry) {
        return tl::unexpected(geometry.error());
    }
    PENSTOCK_ASSERT(geometry->canvas == size);
    Result<SharedBytes> pixels = render_or_explain(*source, *geometry);
    PENSTOCK_ASSERT(!pixels || pixels->size() == static_cast<std::size_t>(size.pixels()) * 3);
    return pixels;
}

}  // namespace penstock::worker::image
