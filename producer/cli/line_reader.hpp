// Lines from a file or a pipe that may have to be waited for.
//
// Thread rule: used by one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "producer/cli/input_bytes.hpp"

namespace penstock::cli {

class LineReader {
  public:
    enum class Status : std::uint8_t { line, later, end };

    // "-" is stdin. Lines over `line_max_bytes` are refused.
    // Errors: internal (cannot be opened).
    [[nodiscard]] static Result<LineReader> open(const std::string& path,
                                                 std::size_t line_max_bytes);
    // The next line without its end, if one is there; a last line needs no line break. `later`:
    // try again when descriptor() is readable.
    // Errors: internal (reading failed), too_large (an endless line); the reader is at its end
    // then.
    [[nodiscard]] Result<Status> next(std::string& line);
    [[nodiscard]] int descriptor() const { return input_.descriptor(); }

  private:
    LineReader(InputBytes input, std::size_t line_max_bytes)
        : input_(std::move(input)), line_max_bytes_(line_max_bytes) {}

    InputBytes input_;
    std::size_t line_max_bytes_;
    std::string buffer_;
    std::size_t begin_ = 0;     // of the next line in the buffer
    std::size_t searched_ = 0;  // up to here the buffer has no line break
    bool ended_ = false;
};

}  // namespace penstock::cli
