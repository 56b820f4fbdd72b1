#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "worker/handlers/dataset/npy.hpp"
#include "worker/handlers/image/pixels.hpp"
#include "worker/sdk/arguments.hpp"
#include "worker/sdk/handler.hpp"

namespace penstock::worker::dataset {
namespace {

static_assert(std::endian::native == std::endian::little, "'<f4' is written as it lies in memory");

using image::Fit;
using image::Size;

constexpr std::size_t channels = 3;
constexpr IntegerRange side_range{1, 16'384};
// Twelve bytes each: 30 MB, and the protocol carries 32 MiB by default.
constexpr std::int64_t pixels_max = 2'500'000;
// Beyond any statistics of pixels, and far from where float32 ends.
constexpr double mean_max = 1000;
constexpr double std_min = 0.000'001;
constexpr double std_max = 1000;

constexpr std::array fits{
    Choice<Fit>{"cover", Fit::cover},
    Choice<Fit>{"fill", Fit::fill},
    Choice<Fit>{"contain", Fit::contain},
};

using PerChannel = std::array<double, channels>;

struct TensorWish {
    Size size;
    Fit fit = Fit::cover;
    PerChannel mean{0, 0, 0};
    PerChannel std{1, 1, 1};
};

// What a field of three numbers, for red, green and blue, may hold.
struct PerChannelField {
    std::string_view name;
    double min;
    double max;
    std::string_view allowed;  // in words
};

// `numbers` stays as it is if the field is absent or wrong; the mistake goes to `arguments`.
void read_per_channel(Arguments& arguments, const PerChannelField& field, PerChannel& numbers) {
    const Value* value = arguments.value(field.name);
    if (value == nullptr) {
        return;
    }
    if (!value->is_array() || value->size() != channels) {
        const std::string given =
            value->is_array() ? "an array of " + std::to_string(value->size()) : text_of(*value);
        arguments.reject(std::string(field.name) + ": " + given +
                         " is not an array of three numbers, for red, green and blue");
        return;
    }
    for (std::size_t channel = 0; channel < channels; ++channel) {
        const Value& number = (*value)[channel];
        // Not a number in any of the words' senses: NaN is in no range.
        const bool good = number.is_number() && number.get<double>() >= field.min &&
                          number.get<double>() <= field.max;
        if (!good) {
            arguments.reject(std::string(field.name) + ": element " + std::to_string(channel) +
                             ": " + text_of(number) + " is not a number of " +
                             std::string(field.allowed));
            return;
        }
        numbers[channel] = number.get<double>();
    }
}

Result<TensorWish> read_tensor_wish(const Value& args) {
    Arguments arguments(args);
    TensorWish wish;
    wish.size.width = static_cast<int>(arguments.integer("width", side_range));
    wish.size.height = static_cast<int>(arguments.integer("height", side_range));
    wish.fit = arguments.choice("fit", fits, Fit::cover);
    read_per_channel(arguments, {"mean", -mean_max, mean_max, "-1000..1000"}, wish.mean);
    read_per_channel(arguments, {"std", std_min, std_max, "0.000001..1000"}, wish.std);
    if (wish.size.pixels() > pixels_max) {
        arguments.reject("the tensor would have " + std::to_string(wish.size.width) + "x" +
                         std::to_string(wish.size.height) + " pixels; allowed " +
                         std::to_string(pixels_max));
    }
    return arguments.check().map([&] { return wish; });
}

// What each of a channel's 256 levels becomes.
std::array<float, 256> levels_of(double mean, double std) {
    std::array<float, 256> levels{};
    for (std::size_t level = 0; level < levels.size(); ++level) {
        levels[level] = static_cast<float>((static_cast<double>(level) / 255 - mean) / std);
    }
    return levels;
}

// Pixel by pixel becomes channel by channel, each a plane of float32.
void write_planes(ByteView pixels, const TensorWish& wish, std::byte* planes) {
    for (std::size_t channel = 0; channel < channels; ++channel) {
        const std::array<float, 256> levels = levels_of(wish.mean[channel], wish.std[channel]);
        for (std::size_t i = channel; i < pixels.size(); i += channels) {
            std::memcpy(planes, &levels[std::to_integer<std::size_t>(pixels[i])], sizeof(float));
            planes += sizeof(float);
        }
    }
}

SharedBytes npy_of(ByteView pixels, const TensorWish& wish) {
    const std::array shape{channels, static_cast<std::size_t>(wish.size.height),
                           static_cast<std::size_t>(wish.size.width)};
    const std::string header = npy_header_float32(shape);
    const std::size_t bytes = header.size() + pixels.size() * sizeof(float);
    std::shared_ptr<std::byte[]> file = std::make_shared_for_overwrite<std::byte[]>(bytes);
    std::memcpy(file.get(), header.data(), header.size());
    write_planes(pixels, wish, file.get() + header.size());
    const ByteView view(file.get(), bytes);
    return {std::move(file), view};
}

}  // namespace

// The payload, a JPEG, PNG or WebP file, as a normalised tensor for training: {"width", "height",
// "fit": "cover", "mean": [0,0,0], "std": [1,1,1]}. Gives a .npy file as payload and {"shape": [3,
// height, width], "dtype": "float32"}; each number is (pixel/255 - mean) / std of its channel.
Result<Output> tensor(const Input& input, Context& context) {
    const Result<TensorWish> wish = read_tensor_wish(input.args);
    if (!wish) {
        return tl::unexpected(wish.error());
    }
    if (context.cancelled()) {
        return fail(ErrorCode::cancelled, "cancelled before the image was decoded");
    }
    return image::rgb_pixels(input.payload, wish->size, wish->fit)
        .map([&wish](const SharedBytes& pixels) {
            return Output{.value = {{"shape", {channels, wish->size.height, wish->size.width}},
                                    {"dtype", "float32"}},
                          .payload = npy_of(pixels.view(), *wish)};
        });
}

}  // namespace penstock::worker::dataset
