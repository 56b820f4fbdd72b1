#include "worker/handlers/image/jpeg/direct.hpp"

#include <vector>

#include "worker/handlers/image/jpeg/codec.hpp"
#include "worker/handlers/image/jpeg/scaler.hpp"

namespace penstock::worker::image {
namespace {

// The planes of a result are held whole; a larger one is made row by row, by libvips.
constexpr std::int64_t direct_pixels_max = 16'000'000;

// How a stored picture is made upright (EXIF 2.3, 4.6.4, Orientation): mirrored, then transposed.
struct Turn {
    Mirror mirror;
    bool is_transposed;
};

Turn turn_of(int orientation) {
    switch (orientation) {
        case 2: return {{true, false}, false};
        case 3: return {{true, true}, false};
        case 4: return {{false, true}, false};
        case 5: return {{false, false}, true};
        case 6: return {{false, true}, true};
        case 7: return {{true, true}, true};
        case 8: return {{true, false}, true};
        default: return {{false, false}, false};
    }
}

Plane transposed(const Plane& plane) {
    // In squares, each of which fits the cache by row and by column.
    constexpr int side = 32;
    Plane turned(plane.height, plane.width);
    for (int top = 0; top < plane.height; top += side) {
        for (int left = 0; left < plane.width; left += side) {
            for (int y = top; y < std::min(top + side, plane.height); ++y) {
                for (int x = left; x < std::min(left + side, plane.width); ++x) {
                    turned.row(x)[y] = plane.row(y)[x];
                }
            }
        }
    }
    return turned;
}

Result<std::vector<Plane>> scaled_planes(JpegReader& reader, const std::vector<Grid>& to,
                                         const Mirror& mirror, Context& context) {
    std::vector<Scaler> scalers;
    for (std::size_t i = 0; i < to.size(); ++i) {
        scalers.emplace_back(reader.grids()[i], to[i], mirror);
    }
    const auto push = [&scalers](std::size_t component, const Sample* row) {
        scalers[component].push(row);
    };
    for (;;) {
        if (context.cancelled()) {
            return fail(ErrorCode::cancelled, "cancelled while the image was made");
        }
        const Result<bool> more = reader.read(push);
        if (!more) {
            return tl::unexpected(more.error());
        }
        if (!*more) {
            break;
        }
    }
    std::vector<Plane> planes;
    for (Scaler& scaler : scalers) {
        planes.push_back(scaler.take());
    }
    return planes;
}

}  // namespace

Result<std::optional<SharedBytes>> scale_directly(const Source& source, Size scaled, int quality,
                                                  Context& context) {
    if (source.format != Format::jpeg || source.has_profile ||
        scaled.pixels() > direct_pixels_max) {
        return std::nullopt;
    }
    JpegReader reader(source.file);
    const Result<bool> opened = reader.open();
    if (!opened || !*opened) {
        return opened ? Result<std::optional<SharedBytes>>() : tl::unexpected(opened.error());
    }
    const Turn turn = turn_of(source.orientation);
    const Size lying = turn.is_transposed ? scaled.turned() : scaled;
    if (const Result<void> begun = reader.start(decoder_shrink(source.stored, lying)); !begun) {
        return tl::unexpected(begun.error());
    }
    const std::vector<Grid> to = grids_of(lying, reader.grids().size(), quality);
    Result<std::vector<Plane>> planes = scaled_planes(reader, to, turn.mirror, context);
    if (!planes) {
        return tl::unexpected(planes.error());
    }
    if (turn.is_transposed) {
        for (Plane& plane : *planes) {
            plane = transposed(plane);
        }
    }
    return write_jpeg(scaled, *planes, quality).map([](SharedBytes file) {
        return std::optional<SharedBytes>(std::move(file));
    });
}

}  // namespace penstock::worker::image
