#include "producer/gateway/shell/access_log.hpp"

#include <cerrno>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "common/telemetry/log.hpp"
#include "producer/gateway/core/limits.hpp"

namespace penstock::gateway {
namespace {

// A log that cannot be written is no reason to end, and none to say so for every line.
void write_text(int descriptor, const std::string& text) {
    for (std::size_t at = 0; at < text.size();) {
        const ssize_t written = ::write(descriptor, text.data() + at, text.size() - at);
        if (written < 0 && errno != EINTR) {
            return;
        }
        at += written < 0 ? 0 : static_cast<std::size_t>(written);
    }
}

}  // namespace

Result<std::unique_ptr<AccessLog>> AccessLog::open(const std::string& path) {
    http::File file;
    int descriptor = -1;
    if (path == "-") {
        descriptor = STDOUT_FILENO;
    } else if (path != "off") {
        constexpr mode_t owner_and_group = 0640;
        file = http::File(
            ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, owner_and_group));
        if (!file.is_open()) {
            return fail(ErrorCode::internal,
                        "cannot write " + path + ": " + std::generic_category().message(errno));
        }
        descriptor = file.descriptor();
    }
    return std::unique_ptr<AccessLog>(new AccessLog(std::move(file), descriptor));
}

AccessLog::AccessLog(http::File file, int descriptor)
    : file_(std::move(file)), descriptor_(descriptor) {
    thread_ = std::thread([this] { run(); });
}

AccessLog::~AccessLog() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    more_.notify_all();
    thread_.join();
}

void AccessLog::write(const std::string& line) {
    if (descriptor_ < 0) {
        return;
    }
    {
        const std::lock_guard lock(mutex_);
        if (lines_.size() >= access_lines_max) {
            ++dropped_;
            return;
        }
        lines_.push_back(line);
    }
    more_.notify_one();
}

void AccessLog::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        more_.wait(lock, [this] { return stopping_ || !lines_.empty(); });
        if (lines_.empty()) {
            return;
        }
        std::vector<std::string> lines = std::exchange(lines_, {});
        const std::uint64_t dropped = std::exchange(dropped_, 0);
        lock.unlock();
        if (dropped > 0) {
            telemetry::warning("access log: {} lines dropped, its reader is too slow", dropped);
        }
        std::string text;
        for (const std::string& line : lines) {
            text += line + '\n';
        }
        write_text(descriptor_, text);
        lock.lock();
    }
}

}  // namespace penstock::gateway
