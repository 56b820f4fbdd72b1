#include "producer/gateway/shell/access_log.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <fcntl.h>
#include <poll.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "common/telemetry/log.hpp"
#include "producer/gateway/core/limits.hpp"

namespace penstock::gateway {
namespace {

// For the last lines, at the end.
constexpr std::chrono::seconds last_words{1};
// How often a reader who takes nothing is looked at, and whether it is the end.
constexpr int look_every_ms = 100;
// A disk that is full stays so for a while.
constexpr std::chrono::seconds tell_every{10};

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
        end_ = Instant::read().steady + last_words;
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
        more_.wait(lock, [this] { return end_ || !lines_.empty(); });
        const std::vector<std::string> lines = std::exchange(lines_, {});
        const std::uint64_t dropped = std::exchange(dropped_, 0);
        const bool ends = lines.empty();
        lock.unlock();
        if (dropped > 0) {
            lost_ += dropped;
            problem_ = 0;
        }
        std::string text;
        for (const std::string& line : lines) {
            text += line + '\n';
        }
        write_text(text);
        if (lost_ > 0 && (ends || Instant::read().steady - told_at_ >= tell_every)) {
            tell_lost();
        }
        if (ends) {
            return;
        }
        lock.lock();
    }
}

// In pieces that a pipe which takes anything takes whole, so that no write has to wait.
void AccessLog::write_text(std::string_view text) {
    if (text.empty()) {
        return;
    }
    if (std::exchange(is_torn_, false)) {
        static_cast<void>(::write(descriptor_, "\n", 1));
    }
    std::size_t at = 0;
    while (at < text.size()) {
        if (!is_taken()) {
            problem_ = 0;
            break;
        }
        const std::string_view piece = text.substr(at, PIPE_BUF);
        const ssize_t written = ::write(descriptor_, piece.data(), piece.size());
        if (written < 0 && errno != EINTR) {
            problem_ = errno;
            break;
        }
        at += written < 0 ? 0 : static_cast<std::size_t>(written);
    }
    is_torn_ = at < text.size() && at > 0 && text[at - 1] != '\n';
    lost_ += static_cast<std::uint64_t>(std::ranges::count(text.substr(at), '\n'));
}

bool AccessLog::is_taken() {
    pollfd state{descriptor_, POLLOUT, 0};
    while (true) {
        {
            const std::lock_guard lock(mutex_);
            if (end_ && Instant::read().steady > *end_) {
                return false;
            }
        }
        // What is ready may also be an error, which write() tells.
        if (::poll(&state, 1, look_every_ms) != 0) {
            return true;
        }
    }
}

// A log that cannot be written is no reason to end.
void AccessLog::tell_lost() {
    telemetry::warning(
        "access log: {} lines lost: {}", std::exchange(lost_, 0),
        problem_ == 0 ? "its reader is too slow" : std::generic_category().message(problem_));
    told_at_ = Instant::read().steady;
}

}  // namespace penstock::gateway
