#include "broker/store/log/segment_start.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <fmt/format.h>
#include <string_view>

#include "broker/store/log/little_endian.hpp"

namespace penstock::broker {
namespace {

constexpr std::string_view magic = "PENSTOCK";
constexpr std::uint32_t format_version = 1;
constexpr std::string_view name_prefix = "segment-";
constexpr std::size_t name_digits = 16;

// The start says itself where it belongs, so its own check is made without a place.
constexpr Place nowhere{};
constexpr SectorHead start_head{1, 0};

// Puts and gets the fields in one order.
template <typename Byte>
class Cursor {
  public:
    explicit Cursor(Byte* at) : at_(at) {}

    template <typename Number>
    void put(Number value) {
        put_little_endian(at_, value);
        at_ += sizeof value;
    }
    template <typename Number>
    [[nodiscard]] Number get() {
        const auto value = little_endian<Number>(at_);
        at_ += sizeof value;
        return value;
    }
    [[nodiscard]] Byte* skip(std::size_t count) {
        Byte* const here = at_;
        at_ += count;
        return here;
    }

  private:
    Byte* at_;
};

}  // namespace

std::string segment_name(std::uint64_t segment) {
    return fmt::format("{}{:0{}x}", name_prefix, segment, name_digits);
}

std::optional<std::uint64_t> segment_number(const std::string& name) {
    if (name.size() != name_prefix.size() + name_digits || !name.starts_with(name_prefix)) {
        return std::nullopt;
    }
    std::uint64_t number = 0;
    const char* const end = name.data() + name.size();
    constexpr int hexadecimal = 16;
    const auto read = std::from_chars(name.data() + name_prefix.size(), end, number, hexadecimal);
    const bool is_one = read.ptr == end && read.ec == std::errc{} && segment_name(number) == name;
    return is_one ? std::optional(number) : std::nullopt;
}

void write_segment_start(SectorSpan sector, const SegmentStart& start) {
    std::ranges::fill(sector, std::byte{0});
    Cursor to(sector.data() + sector_head_bytes);
    std::memcpy(to.skip(magic.size()), magic.data(), magic.size());
    to.put(format_version);
    std::memcpy(to.skip(start.journal.size()), start.journal.data(), start.journal.size());
    to.put(start.segment);
    to.put(start.size_bytes);
    to.put(start.epoch.value);
    to.put(start.position.next_batch);
    to.put(start.position.last_sequence);
    to.put(start.position.chain);
    seal(sector, start_head, nowhere);
}

Result<SegmentStart> read_segment_start(SectorView sector) {
    const Inspected inspected = inspect(sector, nowhere);
    if (inspected.state == SectorState::empty) {
        return fail(ErrorCode::malformed, "its first sector is empty");
    }
    Cursor from(sector.data() + sector_head_bytes);
    if (std::memcmp(from.skip(magic.size()), magic.data(), magic.size()) != 0) {
        return fail(ErrorCode::malformed, "its first sector is none of a journal's");
    }
    if (inspected.state == SectorState::damaged) {
        return fail(ErrorCode::malformed, "its first sector is damaged");
    }
    if (const auto version = from.get<std::uint32_t>(); version != format_version) {
        return fail(ErrorCode::unsupported,
                    fmt::format("it has version {} of the format, and this is a Penstock for "
                                "version {}",
                                version, format_version));
    }
    SegmentStart start;
    std::memcpy(start.journal.data(), from.skip(start.journal.size()), start.journal.size());
    start.segment = from.get<std::uint64_t>();
    start.size_bytes = from.get<std::uint64_t>();
    start.epoch.value = from.get<std::uint64_t>();
    start.position.next_batch = from.get<std::uint32_t>();
    start.position.last_sequence = from.get<std::uint64_t>();
    start.position.chain = from.get<std::uint32_t>();
    return start;
}

}  // namespace penstock::broker
