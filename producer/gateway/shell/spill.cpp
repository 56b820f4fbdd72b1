#include "producer/gateway/shell/spill.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <memory>
#include <unistd.h>

#include "common/telemetry/log.hpp"
#include "producer/gateway/core/limits.hpp"

namespace penstock::gateway {

Problem storage_problem(const Error& error) {
    // Paths are for the operator, not for the caller.
    telemetry::error("storage: {}", error.message);
    return {507, "storage_failed", "the gateway cannot store this now: its disk refuses"};
}

std::optional<Problem> Spill::write(ByteView bytes) {
    size_ += bytes.size();
    if (size_ > bytes_max_) {
        return Problem{413, "too_large", fmt::format("at most {} bytes are taken", bytes_max_)};
    }
    const std::size_t first = std::min(bytes.size(), body_memory_bytes - beginning_.size());
    beginning_ += as_text(bytes.first(first));
    bytes = bytes.subspan(first);
    if (bytes.empty()) {
        return std::nullopt;
    }
    if (!rest_.is_open()) {
        Result<http::File> file = folder_->nameless();
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

Answered<SharedBytes> Spill::read() const {
    const auto size = static_cast<std::size_t>(size_);
    std::shared_ptr<std::byte[]> owner = std::make_shared_for_overwrite<std::byte[]>(size);
    if (std::optional<Problem> problem = read_into({owner.get(), size})) {
        return tl::unexpected(std::move(*problem));
    }
    const ByteView view(owner.get(), size);
    return SharedBytes(std::move(owner), view);
}

std::optional<Problem> Spill::read_into(std::span<std::byte> target) const {
    std::memcpy(target.data(), beginning_.data(), beginning_.size());
    for (std::size_t at = beginning_.size(); at < target.size();) {
        const ssize_t count = ::pread(rest_.descriptor(), target.data() + at, target.size() - at,
                                      static_cast<off_t>(at - beginning_.size()));
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return storage_problem({ErrorCode::internal, "a body does not read"});
        }
        at += static_cast<std::size_t>(count);
    }
    return std::nullopt;
}

}  // namespace penstock::gateway
