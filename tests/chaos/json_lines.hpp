// Lines of JSON at the end of a file, each batch in one write: what has been noted is there even if
// the process is killed in the next moment.
//
// Thread rule: any thread; the kernel puts the batches of several one after the other.
#pragma once

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <unistd.h>

#include "common/model/time.hpp"
#include "common/protocol/value.hpp"

namespace penstock::chaos {

// Seconds on the clock that all processes of a machine share.
[[nodiscard]] inline double seconds_now() {
    return std::chrono::duration<double>(Instant::read().steady.time_since_epoch()).count();
}

// One event, to be completed with what it is about.
[[nodiscard]] inline Value event(const char* name) {
    return {{"e", name}, {"t", seconds_now()}};
}

class JsonLines {
  public:
    // A test without its records is worth nothing, so a file that cannot be opened ends the
    // process.
    explicit JsonLines(const std::string& path)
        : descriptor_(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {
        if (descriptor_ < 0) {
            std::perror(path.c_str());
            std::abort();
        }
    }
    ~JsonLines() { ::close(descriptor_); }
    JsonLines(const JsonLines&) = delete;
    JsonLines& operator=(const JsonLines&) = delete;

    void note(const Value& line) { write(json_from_value(line) + '\n'); }
    void write(const std::string& lines) {
        if (::write(descriptor_, lines.data(), lines.size()) !=
            static_cast<ssize_t>(lines.size())) {
            std::perror("history");
            std::abort();
        }
    }

  private:
    int descriptor_;
};

}  // namespace penstock::chaos
