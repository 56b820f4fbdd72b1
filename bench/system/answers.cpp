#include "bench/system/answers.hpp"

#include <algorithm>
#include <cstring>

namespace penstock::bench {
namespace {

// The finaliser of splitmix64: neighbouring stamps make bodies that have nothing in common.
std::uint64_t mixed(std::uint64_t value) {
    value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    value = (value ^ (value >> 27U)) * 0x94d049bb133111ebULL;
    return value ^ (value >> 31U);
}

}  // namespace

StampedBody stamped_body(const Stamp& stamp) {
    StampedBody body;
    std::uint64_t word = std::uint64_t{stamp.run} << 32U | stamp.sequence;
    for (std::size_t at = 0; at < body.size();) {
        const std::size_t length = std::min(sizeof word, body.size() - at);
        std::memcpy(body.data() + at, &word, length);
        at += length;
        word = mixed(word + at);
    }
    return body;
}

std::optional<Stamp> read_stamp(ByteView body) {
    std::uint64_t word = 0;
    if (body.size() != body_bytes) {
        return std::nullopt;
    }
    std::memcpy(&word, body.data(), sizeof word);
    const Stamp stamp{static_cast<std::uint32_t>(word >> 32U), static_cast<std::uint32_t>(word)};
    const StampedBody expected = stamped_body(stamp);
    return std::memcmp(body.data(), expected.data(), body_bytes) == 0 ? std::optional(stamp)
                                                                      : std::nullopt;
}

void Answers::take(ByteView body) {
    const std::optional<Stamp> stamp = read_stamp(body);
    if (!stamp || stamp->run != run_) {
        ++wrong_;
        return;
    }
    if (stamp->sequence >= seen_.size()) {
        seen_.resize(std::size_t{stamp->sequence} + 1);
    }
    if (seen_[stamp->sequence]) {
        ++wrong_;
        return;
    }
    seen_[stamp->sequence] = true;
    ++right_;
}

std::uint64_t Answers::faults(std::uint64_t sent) const {
    const auto unknown = static_cast<std::uint64_t>(
        seen_.size() <= sent
            ? 0
            : std::count(seen_.begin() + static_cast<std::ptrdiff_t>(sent), seen_.end(), true));
    const std::uint64_t missing = sent - (right_ - unknown);
    return wrong_ + unknown + missing;
}

}  // namespace penstock::bench
