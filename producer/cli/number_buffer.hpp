// Numbers of the command line in a buffer that a task changes in place.
//
// Thread rule: used by the command's thread.
#pragma once

#include <string>

#include "common/protocol/value.hpp"
#include "common/shm/shared_buffer.hpp"

namespace penstock::cli {

enum class NumberType : std::uint8_t { int32, int64, float32, float64 };

class NumberBuffer {
  public:
    // "int32:10,20,30": the type and the numbers. Errors: malformed (another form, a number that
    // the type does not have), unavailable (no shared memory).
    [[nodiscard]] static Result<NumberBuffer> parse(const std::string& text);

    [[nodiscard]] const shm::SharedBuffer& memory() const { return memory_; }
    // "int32".
    [[nodiscard]] const std::string& type_name() const { return type_name_; }
    // As they are now, in an array.
    [[nodiscard]] Value numbers() const;

  private:
    NumberBuffer(NumberType type, std::string type_name, shm::SharedBuffer memory)
        : type_(type), type_name_(std::move(type_name)), memory_(std::move(memory)) {}

    NumberType type_;
    std::string type_name_;
    shm::SharedBuffer memory_;
};

}  // namespace penstock::cli
