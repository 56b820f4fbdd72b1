// What goes back to a caller.
//
// Thread rule: values; a file belongs to the reply.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

#include "producer/gateway/core/problem.hpp"

namespace penstock::gateway::http {

// An open file that is closed with its owner; -1 is none.
class File {
  public:
    File() = default;
    explicit File(int descriptor) : descriptor_(descriptor) {}
    ~File() { close(); }
    File(File&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    File& operator=(File&& other) noexcept {
        close();
        descriptor_ = std::exchange(other.descriptor_, -1);
        return *this;
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;

    [[nodiscard]] int descriptor() const { return descriptor_; }
    [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }
    [[nodiscard]] int release() { return std::exchange(descriptor_, -1); }

  private:
    void close() {
        if (descriptor_ >= 0) {
            ::close(std::exchange(descriptor_, -1));
        }
    }
    int descriptor_ = -1;
};

struct Reply {
    int status = 200;
    std::string content_type{};
    std::vector<std::pair<std::string, std::string>> headers{};
    std::string body{};
    // Instead of the body: this much of the file, from its beginning. However slowly it is taken,
    // it needs no memory.
    File file{};
    std::uint64_t file_bytes = 0;
    // With 304: the length of what is not sent again.
    std::optional<std::uint64_t> known_bytes{};
    // For the access log.
    std::string code{};
    std::string task{};

    [[nodiscard]] std::uint64_t bytes() const { return file.is_open() ? file_bytes : body.size(); }
};

[[nodiscard]] Reply json_reply(int status, std::string json);
[[nodiscard]] Reply problem_reply(const Problem& problem);

// The reply as it travels, for a connection that ends with it. Requires: it has no file.
[[nodiscard]] std::string last_words(const Reply& reply);

}  // namespace penstock::gateway::http
