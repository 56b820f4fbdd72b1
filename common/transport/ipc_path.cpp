#include "common/transport/ipc_path.hpp"

#include <cerrno>
#include <cstring>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace penstock::transport {
namespace {

constexpr std::string_view scheme = "ipc://";

bool somebody_listens(const std::string& path) {
    sockaddr_un address{};
    if (path.size() >= sizeof address.sun_path) {
        return false;  // nobody can
    }
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (probe < 0) {
        return false;
    }
    const int outcome =
        ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    // EAGAIN: there is a listener, with a full backlog.
    const bool answered = outcome == 0 || errno == EAGAIN;
    ::close(probe);
    return answered;
}

}  // namespace

Result<void> check_ipc_path(const Endpoint& endpoint) {
    if (!endpoint.text.starts_with(scheme)) {
        return {};
    }
    const std::string path = endpoint.text.substr(scheme.size());
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) {
        return {};
    }
    if (!S_ISSOCK(status.st_mode)) {
        return fail(ErrorCode::unavailable,
                    "cannot listen on " + endpoint.text +
                        ": something that is no socket lies there; choose another path");
    }
    if (somebody_listens(path)) {
        return fail(ErrorCode::unavailable,
                    "cannot listen on " + endpoint.text +
                        ": another process listens there; stop it, or choose another path");
    }
    return {};
}

}  // namespace penstock::transport
