#include "producer/cli/input_bytes.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "producer/cli/descriptor.hpp"

namespace penstock::cli {
namespace {

constexpr std::size_t read_bytes = std::size_t{64} << 10U;

bool is_readable(int descriptor) {
    pollfd watched{descriptor, POLLIN, 0};
    return ::poll(&watched, 1, 0) != 0;
}

}  // namespace

Result<InputBytes> InputBytes::open(const std::string& path) {
    if (path == "-") {
        return InputBytes(STDIN_FILENO, "stdin");
    }
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        return cannot("read", path, errno);
    }
    return InputBytes(descriptor, path);
}

InputBytes::~InputBytes() {
    if (descriptor_ > STDERR_FILENO) {
        ::close(descriptor_);
    }
}

Result<InputBytes::Status> InputBytes::append_to(std::string& buffer) const {
    if (!is_readable(descriptor_)) {
        return Status::later;
    }
    const std::size_t before = buffer.size();
    buffer.resize(before + read_bytes);
    const ssize_t count = ::read(descriptor_, buffer.data() + before, read_bytes);
    const int error = errno;
    buffer.resize(before + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    if (count < 0) {
        return error == EINTR ? Result<Status>(Status::later) : cannot("read", name_, error);
    }
    return count == 0 ? Status::end : Status::some;
}

}  // namespace penstock::cli
