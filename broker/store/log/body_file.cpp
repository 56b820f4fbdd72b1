#include "broker/store/log/body_file.hpp"

#include <array>
#include <charconv>
#include <cstring>
#include <fmt/format.h>
#include <memory>
#include <string_view>
#include <utility>

#include "broker/store/log/crc32c.hpp"
#include "broker/store/log/little_endian.hpp"

namespace penstock::broker {
namespace {

constexpr std::string_view body_prefix = "body-";
constexpr std::string_view body_magic = "PENSBODY";
constexpr std::size_t body_name_digits = 16;
constexpr std::size_t body_head_bytes = 60;
constexpr std::size_t body_check_at = body_head_bytes - sizeof(std::uint32_t);

using Head = std::array<std::byte, body_head_bytes>;

// Everything that is known of the file before it is read, so that one of elsewhere is not taken
// for it; but the check.
Head head_of(const JournalId& journal, const BodyPlace& place, const BodySizes& sizes) {
    Head head{};
    std::memcpy(head.data(), body_magic.data(), body_magic.size());
    std::memcpy(head.data() + 8, journal.data(), journal.size());
    put_little_endian(head.data() + 24, place.segment);
    put_little_endian(head.data() + 32, place.sequence);
    put_little_endian(head.data() + 40, sizes.args_bytes);
    put_little_endian(head.data() + 48, sizes.payload_bytes);
    return head;
}

std::uint32_t body_check(const Head& head, ByteView args, ByteView payload) {
    return crc32c(payload, crc32c(args, crc32c(ByteView(head).first(body_check_at))));
}

tl::unexpected<Error> unusable(const BodyPlace& place, const std::string& what) {
    return fail(ErrorCode::malformed, fmt::format("{}, with the body of record {}, {}",
                                                  body_file_name(place), place.sequence, what));
}

Result<void> write_parts(File& file, const Head& head, const Body& body) {
    return file.write(0, head)
        .and_then([&] { return file.write(body_head_bytes, body.args.view()); })
        .and_then(
            [&] { return file.write(body_head_bytes + body.args.size(), body.payload.view()); });
}

std::optional<std::uint64_t> hexadecimal_number(std::string_view text) {
    std::uint64_t number = 0;
    constexpr int hexadecimal = 16;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number, hexadecimal);
    const bool is_one = read.ptr == text.data() + text.size() && read.ec == std::errc{};
    return is_one ? std::optional(number) : std::nullopt;
}

}  // namespace

std::string body_file_name(const BodyPlace& place) {
    return fmt::format("{}{:0{}x}-{:0{}x}", body_prefix, place.segment, body_name_digits,
                       place.sequence, body_name_digits);
}

std::optional<BodyPlace> body_place(const std::string& name) {
    constexpr std::size_t first = body_prefix.size();
    constexpr std::size_t second = first + body_name_digits + 1;
    if (name.size() != second + body_name_digits || !name.starts_with(body_prefix)) {
        return std::nullopt;
    }
    const auto segment = hexadecimal_number(std::string_view(name).substr(first, body_name_digits));
    const auto sequence = hexadecimal_number(std::string_view(name).substr(second));
    if (!segment || !sequence || body_file_name({*segment, *sequence}) != name) {
        return std::nullopt;
    }
    return BodyPlace{*segment, *sequence};
}

Result<void> write_body(Folder& folder, const JournalId& journal, const BodyPlace& place,
                        const Body& body) {
    // A large body may lie in memory that its producer can still write to, and one that does so by
    // mistake must not leave a journal that counts as damaged: what is checked is what is written.
    const Body own{SharedBytes::copy_of(body.args.view()),
                   SharedBytes::copy_of(body.payload.view())};
    Head head = head_of(journal, place, {own.args.size(), own.payload.size()});
    put_little_endian(head.data() + body_check_at,
                      body_check(head, own.args.view(), own.payload.view()));
    const std::string name = body_file_name(place);
    const Result<std::unique_ptr<File>> file = folder.create(name);
    if (!file) {
        return tl::unexpected(file.error());
    }
    if (Result<void> written = write_parts(**file, head, own); !written) {
        // A part of it is of no use, and takes room that others need.
        static_cast<void>(folder.remove(name));
        return written;
    }
    return (*file)->sync();
}

Result<Body> read_body(Folder& folder, const JournalId& journal, const BodyPlace& place,
                       const BodySizes& sizes) {
    const Result<std::unique_ptr<File>> file = folder.open(body_file_name(place));
    if (!file) {
        return file.error().code == ErrorCode::not_found ? unusable(place, "is missing")
                                                         : tl::unexpected(file.error());
    }
    const Result<std::uint64_t> size = (*file)->size_bytes();
    if (!size) {
        return tl::unexpected(size.error());
    }
    if (*size != body_head_bytes + sizes.args_bytes + sizes.payload_bytes) {
        return unusable(place,
                        fmt::format("has {} bytes, and was made with {}", *size,
                                    body_head_bytes + sizes.args_bytes + sizes.payload_bytes));
    }
    const auto memory = std::make_shared_for_overwrite<std::byte[]>(*size);
    if (Result<void> read = (*file)->read(0, {memory.get(), *size}); !read) {
        return tl::unexpected(read.error());
    }
    const SharedBytes whole(memory, ByteView(memory.get(), *size));
    const Body body{whole.slice(body_head_bytes, sizes.args_bytes),
                    whole.slice(body_head_bytes + sizes.args_bytes, sizes.payload_bytes)};
    Head head = head_of(journal, place, sizes);
    put_little_endian(head.data() + body_check_at,
                      body_check(head, body.args.view(), body.payload.view()));
    if (std::memcmp(head.data(), memory.get(), body_head_bytes) != 0) {
        return unusable(place, "is not what was written");
    }
    return body;
}

}  // namespace penstock::broker
