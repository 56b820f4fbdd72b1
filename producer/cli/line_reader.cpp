#include "producer/cli/line_reader.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "producer/cli/table.hpp"

namespace penstock::cli {
namespace {

constexpr std::size_t read_bytes = std::size_t{64} << 10U;

}  // namespace

Result<LineReader> LineReader::open(const std::string& path, std::size_t line_max_bytes) {
    if (path == "-") {
        return LineReader(STDIN_FILENO, "stdin", line_max_bytes);
    }
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        return fail(ErrorCode::internal, fmt::format("cannot read {}: {}", path,
                                                     std::generic_category().message(errno)));
    }
    return LineReader(descriptor, path, line_max_bytes);
}

LineReader::~LineReader() {
    if (descriptor_ > STDERR_FILENO) {
        ::close(descriptor_);
    }
}

LineReader::LineReader(LineReader&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      name_(std::move(other.name_)),
      line_max_bytes_(other.line_max_bytes_),
      buffer_(std::move(other.buffer_)),
      begin_(other.begin_),
      searched_(other.searched_),
      ended_(other.ended_) {}

Result<LineReader::Status> LineReader::next(std::string& line) {
    while (true) {
        const std::size_t end = buffer_.find('\n', searched_);
        if (end != std::string::npos) {
            line.assign(buffer_, begin_, end - begin_);
            begin_ = searched_ = end + 1;
            return Status::line;
        }
        buffer_.erase(0, std::exchange(begin_, 0));
        searched_ = buffer_.size();
        if (ended_) {
            line = std::exchange(buffer_, {});
            searched_ = 0;
            return line.empty() ? Status::end : Status::line;
        }
        if (buffer_.size() > line_max_bytes_) {
            ended_ = true;
            buffer_.clear();
            searched_ = 0;
            return fail(ErrorCode::too_large, fmt::format("{} has a line of more than {}", name_,
                                                          size_words(line_max_bytes_)));
        }
        if (!readable()) {
            return Status::later;
        }
        buffer_.resize(searched_ + read_bytes);
        const ssize_t count = ::read(descriptor_, buffer_.data() + searched_, read_bytes);
        const int error = errno;
        buffer_.resize(searched_ + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
        ended_ = count == 0 || (count < 0 && error != EINTR);
        if (count < 0 && error != EINTR) {
            return fail(ErrorCode::internal, fmt::format("cannot read {}: {}", name_,
                                                         std::generic_category().message(error)));
        }
    }
}

bool LineReader::readable() const {
    pollfd watched{descriptor_, POLLIN, 0};
    return ::poll(&watched, 1, 0) != 0;
}

}  // namespace penstock::cli
