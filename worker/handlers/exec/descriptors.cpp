#include "worker/handlers/exec/descriptors.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/mman.h>
#include <system_error>
#include <unistd.h>

namespace penstock::worker::exec {
namespace {

tl::unexpected<Error> cannot(const char* what) {
    return fail(ErrorCode::failed,
                std::string("cannot ") + what + ": " + std::generic_category().message(errno));
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
    if (this != &other) {
        close();
        number_ = std::exchange(other.number_, -1);
    }
    return *this;
}

void Descriptor::close() {
    if (number_ >= 0) {
        ::close(std::exchange(number_, -1));
    }
}

Result<Pipe> make_pipe() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) {
        return cannot("make a pipe");
    }
    Pipe pipe{Descriptor(ends[0]), Descriptor(ends[1])};
    // Not the command's end: programs do not expect that.
    if (fcntl(pipe.reading.number(), F_SETFL, O_NONBLOCK) != 0) {
        return cannot("make a pipe");
    }
    return pipe;
}

Result<Descriptor> file_with(ByteView bytes) {
    Descriptor file(memfd_create("penstock-stdin", MFD_CLOEXEC));
    if (file.number() < 0) {
        return cannot("make a file in memory");
    }
    while (!bytes.empty()) {
        const ssize_t written = write(file.number(), bytes.data(), bytes.size());
        if (written < 0 && errno != EINTR) {
            return cannot("fill a file in memory");
        }
        bytes = bytes.subspan(written < 0 ? 0 : static_cast<std::size_t>(written));
    }
    if (lseek(file.number(), 0, SEEK_SET) != 0) {
        return cannot("rewind a file in memory");
    }
    return file;
}

bool read_available(const Descriptor& from, std::string& text, std::size_t bytes_max) {
    std::array<char, 65'536> buffer{};
    while (text.size() <= bytes_max) {
        const ssize_t length = read(from.number(), buffer.data(), buffer.size());
        if (length > 0) {
            text.append(buffer.data(), static_cast<std::size_t>(length));
        } else if (length == 0 || errno != EINTR) {
            return length < 0 && errno == EAGAIN;
        }
    }
    return true;
}

}  // namespace penstock::worker::exec
