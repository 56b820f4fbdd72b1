#include "producer/gateway/shell/spill.hpp"

#include <algorithm>
#include <cerrno>
#include <fmt/format.h>
#include <span>
#include <unistd.h>

#include "common/telemetry/log.hpp"
#include "producer/gateway/core/limits.hpp"

namespace penstock::gateway {

Problem storage_problem(const Error& error) {
    // Paths are for the operator, not for the caller.
    telemetry::error("storage: {}", error.message);
    return {507, "storage_failed", "the gateway cannot store this now: its disk refuses"};
}

Spill::Spill(const Folder& folder, BodyMemory& memory, std::uint64_t bytes_max,
             std::optional<std::uint64_t> announced)
    : folder_(folder),
      memory_(memory),
      bytes_max_(std::min(bytes_max, announced.value_or(bytes_max))),
      announced_(announced) {}

std::optional<Problem> Spill::write(ByteView bytes) {
    const std::uint64_t before = size_;
    size_ += bytes.size();
    if (size_ > bytes_max_) {
        return Problem{413, "too_large", fmt::format("at most {} bytes are taken", bytes_max_)};
    }
    if (size_ > body_memory_bytes && before <= body_memory_bytes) {
        claim_room();
    }
    if (room_) {
        std::ranges::copy(bytes, room_->bytes().begin() + static_cast<std::ptrdiff_t>(before));
        return std::nullopt;
    }
    const std::size_t first = std::min(bytes.size(), body_memory_bytes - beginning_.size());
    beginning_ += as_text(bytes.first(first));
    bytes = bytes.subspan(first);
    if (bytes.empty()) {
        return std::nullopt;
    }
    if (!rest_.is_open()) {
        Result<http::File> file = folder_.nameless();
        if (!file) {
            return storage_problem(file.error());
        }
        rest_ = std::move(*file);
    }
    if (const auto written = write_all(rest_, bytes); !written) {
        return storage_problem(written.error());
    }
    return std::nullopt;
}

void Spill::claim_room() {
    if (!announced_) {
        return;
    }
    room_ = memory_.claim(static_cast<std::size_t>(bytes_max_));
    if (room_) {
        std::ranges::copy(as_byte_view(beginning_), room_->bytes().begin());
        std::string().swap(beginning_);  // an assignment would keep its memory
    }
}

ByteView Spill::beginning() const {
    if (room_) {
        return ByteView(room_->bytes())
            .first(static_cast<std::size_t>(std::min<std::uint64_t>(size_, body_memory_bytes)));
    }
    return as_byte_view(beginning_);
}

Answered<SharedBytes> Spill::take() {
    Answered<SharedBytes> all =
        room_ ? std::move(*room_).seal(static_cast<std::size_t>(size_)) : read();
    drop();
    return all;
}

Answered<SharedBytes> Spill::read() const {
    client::PayloadBuffer buffer = memory_.make(static_cast<std::size_t>(size_));
    const std::span<std::byte> target = buffer.bytes();
    std::ranges::copy(as_byte_view(beginning_), target.begin());
    for (std::size_t at = beginning_.size(); at < target.size();) {
        const ssize_t count = ::pread(rest_.descriptor(), target.data() + at, target.size() - at,
                                      static_cast<off_t>(at - beginning_.size()));
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return tl::unexpected(storage_problem({ErrorCode::internal, "a body does not read"}));
        }
        at += static_cast<std::size_t>(count);
    }
    return std::move(buffer).seal();
}

void Spill::drop() {
    bytes_max_ = size_ = 0;
    announced_.reset();
    std::string().swap(beginning_);
    room_.reset();
    rest_ = {};
}

}  // namespace penstock::gateway
