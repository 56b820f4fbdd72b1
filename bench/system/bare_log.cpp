#include "bench/system/bare_log.hpp"

#include <cerrno>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "common/model/assert.hpp"

namespace penstock::bench {
namespace {

// What the journal writes is a multiple of that.
constexpr std::size_t block_bytes = 4096;

bool write_all(int descriptor, const std::vector<std::byte>& bytes, std::size_t offset) {
    std::size_t done = 0;
    while (done < bytes.size()) {
        const ssize_t count = ::pwrite(descriptor, bytes.data() + done, bytes.size() - done,
                                       static_cast<off_t>(offset + done));
        if (count <= 0) {
            return false;
        }
        done += static_cast<std::size_t>(count);
    }
    return true;
}

}  // namespace

Result<BareLog> BareLog::create(const std::filesystem::path& folder) {
    const std::filesystem::path path = folder / "bare-log";
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (descriptor < 0) {
        return fail(ErrorCode::unavailable,
                    "cannot make " + path.string() + ": " + std::system_category().message(errno));
    }
    BareLog log(descriptor);
    if (!write_all(descriptor, std::vector<std::byte>(file_bytes), 0) ||
        ::fdatasync(descriptor) != 0) {
        return fail(ErrorCode::unavailable,
                    "cannot fill " + path.string() + ": " + std::system_category().message(errno));
    }
    return log;
}

BareLog::~BareLog() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

BareLog::BareLog(BareLog&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), offset_(other.offset_) {}

Measured BareLog::write(std::size_t batch_bytes, double tasks_per_batch, Duration duration) {
    const std::size_t blocks = (batch_bytes + block_bytes - 1) / block_bytes;
    const std::vector<std::byte> batch(blocks * block_bytes, std::byte{0x5A});
    PENSTOCK_ASSERT(batch.size() <= file_bytes);
    Measured measured;
    const TimePoint start = steady_now();
    while (steady_now() - start < duration) {
        if (offset_ + batch.size() > file_bytes) {
            offset_ = 0;
        }
        const TimePoint begin = steady_now();
        if (!write_all(descriptor_, batch, offset_) || ::fdatasync(descriptor_) != 0) {
            ++measured.faults;
            break;
        }
        measured.latencies_us.push_back(microseconds_since(begin));
        offset_ += batch.size();
    }
    measured.elapsed = steady_now() - start;
    const double tasks = tasks_per_batch * static_cast<double>(measured.latencies_us.size());
    measured.answers = static_cast<std::uint64_t>(tasks);
    return measured;
}

}  // namespace penstock::bench
