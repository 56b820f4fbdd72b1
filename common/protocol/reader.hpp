// Reads expected MessagePack values from one frame. For codecs only.
//
// The first value that is not what was asked for ends the reading: the reader keeps that error, and
// every later call returns zero or nothing. So callers read field after field and look at ok()
// once, at the end and in loops. Nothing is allocated but strings and lists that were asked for,
// and a list only after its count has been held against its limit and the bytes that are left.
//
// Thread rule: a value of one function.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "common/model/assert.hpp"
#include "common/model/bytes.hpp"
#include "common/model/error.hpp"

namespace penstock::protocol {

class Reader {
  public:
    // What the next value is, by its first byte.
    enum class Type : std::uint8_t { nothing, nil, boolean, uint, text, binary, array, other };

    explicit Reader(ByteView bytes)
        : begin_(bytes.data()), next_(begin_), end_(begin_ + bytes.size()) {}

    // What error texts begin with: the name of the message.
    void set_subject(std::string_view subject) { subject_ = subject; }
    [[nodiscard]] bool ok() const { return !failed_; }
    [[nodiscard]] const Error& error() const { return error_; }
    void fail(ErrorCode code, const char* field, std::string_view what);
    // Fails with "expected ...", and says so if the frame simply ends here.
    void expected(const char* field, std::string_view what);

    [[nodiscard]] Type peek() const;
    [[nodiscard]] std::size_t remaining() const { return static_cast<std::size_t>(end_ - next_); }
    // Consumes a nil if there is one.
    [[nodiscard]] bool nil();
    [[nodiscard]] bool boolean(const char* field);
    [[nodiscard]] std::uint64_t uint(const char* field,
                                     std::uint64_t max = std::numeric_limits<std::uint64_t>::max());
    // Views live as long as the frame.
    [[nodiscard]] std::string_view text(const char* field, std::size_t bytes_max);
    [[nodiscard]] ByteView binary(const char* field);
    // The number of elements, at most `count_max`, each of which takes `element_bytes_min` or more.
    [[nodiscard]] std::size_t array(const char* field, std::size_t count_max,
                                    std::size_t element_bytes_min);
    // An array of exactly `count` elements.
    void tuple(const char* field, std::size_t count);
    // Where a view that this reader returned begins in the frame.
    [[nodiscard]] std::size_t offset_of(ByteView view) const {
        return static_cast<std::size_t>(view.data() - begin_);
    }

    // Reads a list; `read_element(element)` fills one.
    template <typename Element, typename ReadElement>
    [[nodiscard]] std::vector<Element> list(const char* field, std::size_t count_max,
                                            std::size_t element_bytes_min,
                                            ReadElement read_element) {
        const std::size_t count = array(field, count_max, element_bytes_min);
        std::vector<Element> elements;
        elements.reserve(count);
        enter(field);
        for (std::size_t i = 0; i < count && ok(); ++i) {
            path_[depth_ - 1].index = i;
            read_element(elements.emplace_back());
        }
        leave();
        return elements;
    }

    // While it lives, error texts name `field` in front of the fields read.
    class Inside {
      public:
        Inside(Reader& reader, const char* field) : reader_(reader) { reader_.enter(field); }
        ~Inside() { reader_.leave(); }
        Inside(const Inside&) = delete;
        Inside& operator=(const Inside&) = delete;

      private:
        Reader& reader_;
    };

  private:
    static constexpr std::size_t no_index = std::numeric_limits<std::size_t>::max();
    struct Step {
        const char* field;
        std::size_t index;
    };

    void enter(const char* field) {
        PENSTOCK_ASSERT(depth_ < path_.size());
        path_[depth_++] = {field, no_index};
    }
    void leave() { --depth_; }
    [[nodiscard]] bool big_endian(std::size_t width, std::uint64_t& value);
    [[nodiscard]] bool uint_of_any_width(std::uint64_t& value);
    [[nodiscard]] bool text_length(std::uint64_t& length);
    [[nodiscard]] bool binary_length(std::uint64_t& length);
    [[nodiscard]] bool array_length(std::uint64_t& length);
    [[nodiscard]] ByteView take(std::size_t length) {
        const ByteView bytes(next_, length);
        next_ += length;
        return bytes;
    }

    const std::byte* begin_;
    const std::byte* next_;
    const std::byte* end_;
    bool failed_ = false;
    Error error_;
    std::string_view subject_ = "message";
    std::array<Step, 4> path_{};  // the deepest field is DISPATCH.groups[i].tasks[j].id
    std::size_t depth_ = 0;
};

}  // namespace penstock::protocol
