// Lines from a file or a pipe that may have to be waited for.
//
// Thread rule: used by one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "common/model/result.hpp"

namespace penstock::cli {

class LineReader {
  public:
    enum class Status : std::uint8_t { line, later, end };

    // "-" is stdin. Lines over `line_max_bytes` are refused.
    // Errors: internal (cannot be opened).
    [[nodiscard]] static Result<LineReader> open(const std::string& path,
                                                 std::size_t line_max_bytes);
    ~LineReader();
    LineReader(LineReader&& other) noexcept;
    LineReader& operator=(LineReader&&) = delete;
    LineReader(const LineReader&) = delete;
    LineReader& operator=(const LineReader&) = delete;

    // The next line without its end, if one is there; a last line needs no line break. `later`:
    // try again when descriptor() is readable.
    // Errors: internal (reading failed), too_large (an endless line); the reader is at its end
    // then.
    [[nodiscard]] Result<Status> next(std::string& line);
    [[nodiscard]] int descriptor() const { return descriptor_; }

  private:
    LineReader(int descriptor, std::string name, std::size_t line_max_bytes)
        : descriptor_(descriptor), name_(std::move(name)), line_max_bytes_(line_max_bytes) {}
    [[nodiscard]] bool readable() const;

    int descriptor_ = -1;
    std::string name_;
    std::size_t line_max_bytes_;
    std::string buffer_;
    std::size_t begin_ = 0;     // of the next line in the buffer
    std::size_t searched_ = 0;  // up to here the buffer has no line break
    bool ended_ = false;
};

}  // namespace penstock::cli
