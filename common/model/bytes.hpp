// Immutable bytes with shared ownership: what a body is made of on its way through a process.
//
// A slice keeps the whole buffer that it was cut from alive. Whoever keeps a small slice of a
// large buffer for long (the broker's queues) takes a copy_of() instead.
//
// Thread rule: values; the bytes never change, so several threads may read one buffer.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

namespace penstock {

using ByteView = std::span<const std::byte>;

[[nodiscard]] inline ByteView as_byte_view(std::string_view text) {
    return std::as_bytes(std::span<const char>(text.data(), text.size()));
}
[[nodiscard]] inline std::string_view as_text(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

class SharedBytes {
  public:
    SharedBytes() = default;
    // Takes a share in `owner`, which keeps `view` valid and unchanged.
    SharedBytes(std::shared_ptr<const void> owner, ByteView view)
        : owner_(std::move(owner)), view_(view) {}

    [[nodiscard]] static SharedBytes copy_of(ByteView source) {
        if (source.empty()) {
            return {};
        }
        // for_overwrite: zeroing first would write every byte twice.
        std::shared_ptr<std::byte[]> owner =
            std::make_shared_for_overwrite<std::byte[]>(source.size());
        std::memcpy(owner.get(), source.data(), source.size());
        const ByteView view(owner.get(), source.size());
        return {std::move(owner), view};
    }
    [[nodiscard]] static SharedBytes copy_of(std::string_view text) {
        return copy_of(as_byte_view(text));
    }

    // Valid for as long as this object, or any copy or slice of it, lives.
    [[nodiscard]] ByteView view() const { return view_; }
    [[nodiscard]] std::size_t size() const { return view_.size(); }
    [[nodiscard]] bool empty() const { return view_.empty(); }

    // The part [offset, offset + length). Requires: it lies inside.
    [[nodiscard]] SharedBytes slice(std::size_t offset, std::size_t length) const {
        return {owner_, view_.subspan(offset, length)};
    }

    // Equal bytes, wherever they lie.
    friend bool operator==(const SharedBytes& a, const SharedBytes& b) {
        return a.size() == b.size() &&
               (a.empty() || std::memcmp(a.view_.data(), b.view_.data(), a.size()) == 0);
    }

  private:
    std::shared_ptr<const void> owner_;
    ByteView view_;
};

// What a task carries in, and what a result carries out: one MessagePack value and raw bytes.
// Either may be empty. The broker looks into neither.
struct Body {
    SharedBytes args;     // one MessagePack value; empty means nil
    SharedBytes payload;  // raw bytes, such as a JPEG file

    [[nodiscard]] std::size_t size_bytes() const { return args.size() + payload.size(); }
    friend bool operator==(const Body&, const Body&) = default;
};

}  // namespace penstock
