// A number for what something says, to see that it is the same at both ends.
//
// Thread rule: pure functions.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "broker/core/record.hpp"

namespace penstock::simulation {

class Digest {
  public:
    Digest& add(std::uint64_t number) {
        value_ = (value_ ^ number) * 0x9E3779B97F4A7C15ULL;
        value_ ^= value_ >> 29U;
        return *this;
    }
    Digest& add(ByteView bytes) {
        add(bytes.size());
        for (; bytes.size() >= 8; bytes = bytes.subspan(8)) {
            std::uint64_t word = 0;
            std::memcpy(&word, bytes.data(), 8);
            add(word);
        }
        for (const std::byte byte : bytes) {
            add(static_cast<std::uint64_t>(byte));
        }
        return *this;
    }
    Digest& add(std::string_view text) { return add(as_byte_view(text)); }
    Digest& add(const TaskId& id) { return add(ByteView(std::as_bytes(std::span(id.bytes)))); }
    [[nodiscard]] std::uint64_t value() const { return value_; }

  private:
    std::uint64_t value_ = 1;
};

[[nodiscard]] inline std::uint64_t digest(const Body& body) {
    return Digest().add(body.args.view()).add(body.payload.view()).value();
}
[[nodiscard]] inline std::uint64_t digest(const broker::TaskAccepted& record) {
    return Digest()
        .add(record.id)
        .add(record.type)
        .add(record.queue)
        .add(record.ticket)
        .add(record.options.max_attempts)
        .add(static_cast<std::uint64_t>(record.options.time_limit.count()))
        .add(static_cast<std::uint64_t>(record.options.run_at))
        .add(static_cast<std::uint64_t>(record.options.expires_at))
        .add(static_cast<std::uint64_t>(record.created_at))
        .add(digest(record.body))
        .value();
}
[[nodiscard]] inline std::uint64_t digest(const broker::AttemptFailed& record) {
    return Digest()
        .add(record.id)
        .add(record.runs)
        .add(record.charged)
        .add(record.alone_deaths)
        .add(record.ticket)
        .add(static_cast<std::uint64_t>(record.run_at))
        .value();
}
[[nodiscard]] inline std::uint64_t digest(const broker::CancelRequested& record) {
    return Digest().add(record.id).add(std::uint64_t{3}).value();
}
[[nodiscard]] inline std::uint64_t digest(const broker::TaskFinished& record) {
    const TaskResult& result = record.result;
    return Digest()
        .add(result.id)
        .add(static_cast<std::uint64_t>(result.state))
        .add(static_cast<std::uint64_t>(result.dead_reason))
        .add(result.attempts)
        .add(result.error ? result.error->message : std::string_view())
        .add(static_cast<std::uint64_t>(record.finished_at))
        .add(digest(result.output))
        .value();
}
[[nodiscard]] inline std::uint64_t digest(const broker::TasksForgotten& record) {
    Digest digest;
    digest.add(static_cast<std::uint64_t>(record.floor_ms))
        .add(static_cast<std::uint64_t>(record.forgotten_at));
    for (const TaskId& id : record.ids) {
        digest.add(id);
    }
    return digest.value();
}

}  // namespace penstock::simulation
