#include "worker/handlers/dataset/npy.hpp"

#include <string_view>

#include "common/model/assert.hpp"

namespace penstock::worker::dataset {
namespace {

constexpr std::string_view magic_and_version{"\x93NUMPY\x01\x00", 8};
constexpr std::size_t length_bytes = 2;
constexpr std::size_t alignment = 64;

// A tuple as Python writes it; of one number with a comma, or it would be no tuple.
std::string tuple_of(std::span<const std::size_t> shape) {
    std::string sides;
    for (const std::size_t side : shape) {
        sides += (sides.empty() ? "" : ", ") + std::to_string(side);
    }
    return "(" + sides + (shape.size() == 1 ? ",)" : ")");
}

}  // namespace

std::string npy_header_float32(std::span<const std::size_t> shape) {
    std::string text =
        "{'descr': '<f4', 'fortran_order': False, 'shape': " + tuple_of(shape) + ", }";
    const std::size_t bare = magic_and_version.size() + length_bytes + text.size() + 1;
    text.append((alignment - bare % alignment) % alignment, ' ');
    text += '\n';
    PENSTOCK_ASSERT(text.size() < 65'536);
    std::string header(magic_and_version);
    header += static_cast<char>(text.size() & 0xffU);
    header += static_cast<char>(text.size() >> 8U);
    return header + text;
}

}  // namespace penstock::worker::dataset
