#include "worker/handlers/image/encoding.hpp"

#include <array>

namespace penstock::worker::image {
namespace {

constexpr std::array formats{
    Choice<Format>{"jpeg", Format::jpeg},
    Choice<Format>{"png", Format::png},
    Choice<Format>{"webp", Format::webp},
};

}  // namespace

Encoding read_encoding(Arguments& arguments) {
    Encoding encoding;
    encoding.quality = static_cast<int>(arguments.integer("quality", {1, 100}, encoding.quality));
    encoding.format = arguments.choice("format", formats, encoding.format);
    return encoding;
}

}  // namespace penstock::worker::image
