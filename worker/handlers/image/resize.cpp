#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
#include <vips/vips8>

#include "worker/handlers/arguments.hpp"
#include "worker/handlers/image/decode.hpp"
#include "worker/handlers/image/encode.hpp"
#include "worker/handlers/image/geometry.hpp"
#include "worker/handlers/image/image.hpp"
#include "worker/handlers/image/library.hpp"
#include "worker/handlers/image/limits.hpp"
#include "worker/handlers/image/render.hpp"

namespace penstock::worker::image {
namespace {

constexpr int default_width = 800;
constexpr int default_quality = 80;

constexpr std::array fits{
    Choice<Fit>{"inside", Fit::inside},   Choice<Fit>{"outside", Fit::outside},
    Choice<Fit>{"contain", Fit::contain}, Choice<Fit>{"cover", Fit::cover},
    Choice<Fit>{"fill", Fit::fill},
};
constexpr std::array formats{
    Choice<Format>{"jpeg", Format::jpeg},
    Choice<Format>{"png", Format::png},
    Choice<Format>{"webp", Format::webp},
};

// What the producer asks for.
struct Wish {
    Box box;
    Format format = Format::jpeg;
    int quality = default_quality;
};

std::optional<int> side(Arguments& arguments, std::string_view field) {
    const std::optional<std::int64_t> value = arguments.optional_integer(field, {1, side_max});
    return value ? std::optional<int>(static_cast<int>(*value)) : std::nullopt;
}

Result<Wish> read_wish(const Value& args) {
    Arguments arguments(args);
    Wish wish;
    wish.box.width = side(arguments, "width");
    wish.box.height = side(arguments, "height");
    wish.box.fit = arguments.choice("fit", fits, Fit::inside);
    wish.box.enlarge = arguments.boolean("enlarge", false);
    wish.quality = static_cast<int>(arguments.integer("quality", {1, 100}, default_quality));
    wish.format = arguments.choice("format", formats, Format::jpeg);
    if (!wish.box.width && !wish.box.height) {
        wish.box.width = default_width;
    }
    return arguments.check().map([&] { return wish; });
}

vips::VImage without_alpha(const vips::VImage& picture) {
    constexpr double white = 255;
    return picture.has_alpha() ? picture.flatten(vips::VImage::option()->set(
                                     "background", std::vector<double>{white}))
                               : picture;
}

// Decoding, scaling and encoding are one step: pixels flow through it row by row.
Output render(const Source& source, const Geometry& geometry, const Wish& wish) {
    const Size stored_scaled = source.orientation >= 5 ? geometry.scaled.turned() : geometry.scaled;
    const vips::VImage decoded = decode(source, decoder_shrink(source.stored, stored_scaled));
    vips::VImage picture = scale_upright(decoded, geometry.scaled);
    if (wish.format == Format::jpeg) {
        picture = without_alpha(picture);
    }
    SharedBytes file = encode(place_on_canvas(picture, geometry.canvas), wish.format, wish.quality);
    Value facts = {{"width", geometry.canvas.width},     {"height", geometry.canvas.height},
                   {"format", name(wish.format)},        {"bytes", file.size()},
                   {"input_width", source.stored.width}, {"input_height", source.stored.height},
                   {"input_format", name(source.format)}};
    return {.value = std::move(facts), .payload = std::move(file)};
}

Result<Output> resize_payload(ByteView payload, const Wish& wish, Context& context) {
    const Result<Source> source = open_image(payload);
    if (!source) {
        return tl::unexpected(source.error());
    }
    const Result<Geometry> geometry = plan_geometry(source->upright(), wish.box);
    if (!geometry) {
        return tl::unexpected(geometry.error());
    }
    if (context.cancelled()) {
        return fail(ErrorCode::cancelled, "cancelled before the image was decoded");
    }
    return render(*source, *geometry, wish);
}

}  // namespace

Result<Output> resize(const Input& input, Context& context) {
    const Result<Wish> wish = read_wish(input.args);
    if (!wish) {
        return tl::unexpected(wish.error());
    }
    if (const Result<void> started = start_library(); !started) {
        return tl::unexpected(started.error());
    }
    try {
        return resize_payload(input.payload, *wish, context);
    } catch (const vips::VError& error) {
        return tl::unexpected(error_from(error, "the image is damaged or cut short"));
    }
}

}  // namespace penstock::worker::image
