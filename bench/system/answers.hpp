// The bodies that travel in the message workloads, and the books on their answers: each of them
// exactly once, with the contents that were sent.
//
// Thread rule: an Answers belongs to one thread at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "common/model/bytes.hpp"

namespace penstock::bench {

inline constexpr std::size_t body_bytes = 100;
using StampedBody = std::array<std::byte, body_bytes>;

struct Stamp {
    std::uint32_t run = 0;
    std::uint32_t sequence = 0;

    friend bool operator==(const Stamp&, const Stamp&) = default;
};

// A body that tells its stamp, and whose other bytes follow from it.
[[nodiscard]] StampedBody stamped_body(const Stamp& stamp);
// The stamp of an echoed body; nothing if any byte of it is not as it was sent.
[[nodiscard]] std::optional<Stamp> read_stamp(ByteView body);

// The answers of one run, whose bodies were stamped with 0, 1, 2 and so on.
class Answers {
  public:
    explicit Answers(std::uint32_t run) : run_(run) {}

    void take(ByteView body);
    // An error came instead of an answer.
    void take_error() { ++wrong_; }

    // Right answers, each counted once.
    [[nodiscard]] std::uint64_t right() const { return right_; }
    // How many of `sent` tasks have no right answer, plus the answers that are wrong or were there
    // already.
    [[nodiscard]] std::uint64_t faults(std::uint64_t sent) const;

  private:
    std::uint32_t run_;
    std::vector<bool> seen_;
    std::uint64_t right_ = 0;
    std::uint64_t wrong_ = 0;
};

}  // namespace penstock::bench
