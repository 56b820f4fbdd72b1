// One open file of the real file system. Private to this folder.
//
// Thread rule: as files.hpp says.
#pragma once

#include <memory>
#include <string>
#include <unistd.h>
#include <utility>

#include "broker/store/log/files.hpp"

namespace penstock::broker {

class Descriptor {
  public:
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&&) = delete;
    ~Descriptor() {
        if (number_ >= 0) {
            ::close(number_);
        }
    }
    [[nodiscard]] int get() const { return number_; }

  private:
    int number_;
};

// What errno says. Errors: disk_full, not_found, internal.
[[nodiscard]] tl::unexpected<Error> system_failure(const std::string& what);

// `path` is for messages.
[[nodiscard]] std::unique_ptr<File> posix_file(Descriptor descriptor, std::string path);

}  // namespace penstock::broker
