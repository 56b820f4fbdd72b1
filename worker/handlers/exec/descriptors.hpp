// The open files between a worker and a command.
//
// Thread rule: a Descriptor belongs to one thread.
#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include "common/model/bytes.hpp"
#include "common/model/result.hpp"

namespace penstock::worker::exec {

// Closes what it holds.
class Descriptor {
  public:
    Descriptor() = default;
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept;
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() { close(); }

    // -1 once closed.
    [[nodiscard]] int number() const { return number_; }
    void close();

  private:
    int number_ = -1;
};

struct Pipe {
    Descriptor reading;  // does not block
    Descriptor writing;
};

// Both are closed on exec. Errors: failed (no more descriptors or memory).
[[nodiscard]] Result<Pipe> make_pipe();
// A file in memory that holds the bytes, at its beginning.
[[nodiscard]] Result<Descriptor> file_with(ByteView bytes);

// Appends what can be read now, stopping soon after `text` has more than `bytes_max` bytes. False
// at the end of the file.
[[nodiscard]] bool read_available(const Descriptor& from, std::string& text, std::size_t bytes_max);

}  // namespace penstock::worker::exec
