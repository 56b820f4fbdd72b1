// An open file of the command line, and what to say when there is none.
//
// Thread rule: used by one thread.
#pragma once

#include <string>
#include <system_error>
#include <unistd.h>

#include "common/model/result.hpp"

namespace penstock::cli {

// Closes what it is given, but never stdin, stdout or stderr. Negative: nothing was opened.
class Descriptor {
  public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() {
        if (number_ > STDERR_FILENO) {
            ::close(number_);
        }
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int number() const { return number_; }

  private:
    int number_;
};

// "cannot read photo.jpg: No such file or directory"; `error` is an errno.
[[nodiscard]] inline tl::unexpected<Error> cannot(const std::string& what, const std::string& path,
                                                  int error) {
    return fail(ErrorCode::internal,
                "cannot " + what + " " + path + ": " + std::generic_category().message(error));
}

}  // namespace penstock::cli
