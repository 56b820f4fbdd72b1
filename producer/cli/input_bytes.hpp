// The bytes of a file or a pipe that may have to be waited for, piece by piece.
//
// Thread rule: used by one thread.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "common/model/result.hpp"

namespace penstock::cli {

class InputBytes {
  public:
    enum class Status : std::uint8_t { some, later, end };

    // "-" is stdin. Errors: internal (cannot be opened).
    [[nodiscard]] static Result<InputBytes> open(const std::string& path);
    ~InputBytes();
    InputBytes(InputBytes&& other) noexcept
        : descriptor_(std::exchange(other.descriptor_, -1)), name_(std::move(other.name_)) {}
    InputBytes& operator=(InputBytes&&) = delete;
    InputBytes(const InputBytes&) = delete;
    InputBytes& operator=(const InputBytes&) = delete;

    // Appends the next piece to `buffer`. `later`: try again when descriptor() is readable.
    // Errors: internal (reading failed).
    [[nodiscard]] Result<Status> append_to(std::string& buffer) const;
    [[nodiscard]] int descriptor() const { return descriptor_; }
    // "stdin", or the path: for error messages.
    [[nodiscard]] const std::string& name() const { return name_; }

  private:
    InputBytes(int descriptor, std::string name)
        : descriptor_(descriptor), name_(std::move(name)) {}

    int descriptor_ = -1;
    std::string name_;
};

}  // namespace penstock::cli
