#include "worker/shell/last_words.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <fcntl.h>
#include <poll.h>
#include <system_error>
#include <unistd.h>

#include "common/model/text.hpp"
#include "common/protocol/limits.hpp"

namespace penstock::worker {
namespace {

constexpr std::size_t tail_bytes = protocol::last_words_bytes_max;

// What a pipe holds, usually.
constexpr int rounds_max = 16;

// Whether so much can be written without waiting. For pipes it means room for PIPE_BUF.
bool takes_more(int to) {
    pollfd writable{to, POLLOUT, 0};
    return ::poll(&writable, 1, 0) == 1;
}

// What cannot be written has no reader: that is its reader's choice.
void write_all(int to, const char* bytes, std::size_t count) {
    while (count > 0) {
        const ssize_t written = ::write(to, bytes, count);
        if (written <= 0) {
            if (written < 0 && errno == EINTR) {
                continue;
            }
            return;
        }
        bytes += written;
        count -= static_cast<std::size_t>(written);
    }
}

}  // namespace

Result<LastWords> LastWords::create() {
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        return fail(ErrorCode::unavailable, std::generic_category().message(errno));
    }
    LastWords words(ends);
    // Ours alone: the child waits where nobody reads.
    if (::fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0) {
        return fail(ErrorCode::unavailable, std::generic_category().message(errno));
    }
    return words;
}

LastWords& LastWords::operator=(LastWords&& other) noexcept {
    if (this != &other) {
        close();
        ends_ = std::exchange(other.ends_, {-1, -1});
        tail_ = std::move(other.tail_);
    }
    return *this;
}

void LastWords::close() {
    close_end(0);
    close_end(1);
}

void LastWords::close_end(std::size_t end) {
    if (ends_[end] >= 0) {
        ::close(std::exchange(ends_[end], -1));
    }
}

void LastWords::close_child_end() {
    close_end(1);
}

void LastWords::keep(const char* bytes, std::size_t count) {
    tail_.append(bytes, count);
    if (tail_.size() > tail_bytes) {
        tail_.erase(0, tail_.size() - tail_bytes);
    }
}

bool LastWords::pass_on(int to) {
    std::array<char, PIPE_BUF> buffer{};
    // A child that writes without end must not keep us here.
    for (int n = 0; n < rounds_max && ends_[0] >= 0; ++n) {
        if (!takes_more(to)) {
            return false;
        }
        const ssize_t count = ::read(ends_[0], buffer.data(), buffer.size());
        if (count == 0) {
            close_end(0);
        }
        if (count <= 0) {
            return true;
        }
        keep(buffer.data(), static_cast<std::size_t>(count));
        write_all(to, buffer.data(), static_cast<std::size_t>(count));
    }
    return true;
}

std::string LastWords::take(int to) {
    close_child_end();
    static_cast<void>(pass_on(to));
    std::array<char, PIPE_BUF> buffer{};
    for (int n = 0; n < rounds_max && ends_[0] >= 0; ++n) {
        const ssize_t count = ::read(ends_[0], buffer.data(), buffer.size());
        if (count <= 0) {
            break;
        }
        keep(buffer.data(), static_cast<std::size_t>(count));
    }
    close();
    // Cut in the middle of a character, it would begin with bytes of none.
    const auto begin = std::ranges::find_if(tail_, [](char byte) {
        constexpr unsigned char continuation = 0x80;
        return (static_cast<unsigned char>(byte) & 0xC0U) != continuation;
    });
    return mended(std::string_view(begin, tail_.end()));
}

}  // namespace penstock::worker
