// The identities of the system: distinct types, so that one cannot be passed for another.
//
// Thread rule: values; copy them freely.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>

#include "common/model/result.hpp"

namespace penstock {

// Sixteen opaque bytes; Tag keeps the kinds apart.
template <typename Tag>
struct Id128 {
    std::array<std::uint8_t, 16> bytes{};

    // Its halves, as this machine reads them: for hashing, and to compare without a call.
    [[nodiscard]] std::uint64_t head() const { return half(0); }
    [[nodiscard]] std::uint64_t tail() const { return half(sizeof(std::uint64_t)); }
    [[nodiscard]] bool is_zero() const { return (head() | tail()) == 0; }

    friend bool operator==(const Id128& a, const Id128& b) {
        return a.head() == b.head() && a.tail() == b.tail();
    }
    friend auto operator<=>(const Id128&, const Id128&) = default;

  private:
    [[nodiscard]] std::uint64_t half(std::size_t offset) const {
        std::uint64_t value = 0;
        std::memcpy(&value, bytes.data() + offset, sizeof value);
        return value;
    }
};

// A task, named by its producer before the broker has heard of it (UUIDv7, RFC 9562), so that
// submitting it again is recognised.
using TaskId = Id128<struct TaskTag>;
// One life of one worker process. A restarted process is a new worker.
using WorkerId = Id128<struct WorkerTag>;

// One life of one broker. Grows with every start; leases of another epoch are void.
struct Epoch {
    std::uint64_t value = 0;
    friend auto operator<=>(const Epoch&, const Epoch&) = default;
};

// The right to run a task once and to record its outcome. All four parts must match the
// broker's current lease; anything else is stale and changes nothing.
struct Lease {
    TaskId task;
    Epoch epoch;
    std::uint32_t attempt = 0;
    std::uint64_t nonce = 0;  // partly random, so that a lease cannot be guessed

    friend auto operator<=>(const Lease&, const Lease&) = default;
};

// A new UUIDv7: 48 bits of `unix_ms`, version, variant, and random bits from `random_a` and
// `random_b` (RFC 9562, section 5.7).
[[nodiscard]] TaskId make_task_id(std::int64_t unix_ms, std::uint64_t random_a,
                                  std::uint64_t random_b);
// Whether it is a UUIDv7 of this century, by its version, variant and date (2020 to 2119): then it
// tells when it was made.
[[nodiscard]] bool is_dated(const TaskId& id);
// The creation time in a UUIDv7, in milliseconds since 1970.
[[nodiscard]] std::int64_t created_unix_ms(const TaskId& id);

// The usual 8-4-4-4-12 text, lower case.
[[nodiscard]] std::string to_text(const TaskId& id);
[[nodiscard]] std::string to_text(const WorkerId& id);
// Reads that text (either case). Anything else is ErrorCode::malformed.
[[nodiscard]] Result<TaskId> parse_task_id(std::string_view text);

}  // namespace penstock

template <typename Tag>
struct std::hash<penstock::Id128<Tag>> {
    // The tail of a UUIDv7 is random, so it spreads well as it is.
    std::size_t operator()(const penstock::Id128<Tag>& id) const noexcept {
        return static_cast<std::size_t>(id.tail() ^ (id.head() * 0x9E3779B97F4A7C15ULL));
    }
};
