#include "producer/gateway/http/listener.hpp"

#include <array>
#include <cerrno>
#include <fmt/format.h>
#include <memory>
#include <netdb.h>
#include <sys/socket.h>
#include <system_error>

#include "common/transport/endpoint.hpp"

namespace penstock::gateway::http {
namespace {

constexpr std::string_view scheme = "http://";
// Connections that the kernel has accepted and we not yet: a burst of callers.
constexpr int backlog = 1'024;

tl::unexpected<Error> cannot_listen(const Address& address, const std::string& why) {
    return fail(ErrorCode::unavailable,
                fmt::format("cannot listen at {}:{}: {}", address.host, address.port, why));
}

using Addresses = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

Result<File> open_socket(const Address& address, const addrinfo& candidate) {
    File socket(::socket(candidate.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const int on = 1;
    const bool opened =
        socket.is_open() &&
        ::setsockopt(socket.descriptor(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        ::bind(socket.descriptor(), candidate.ai_addr, candidate.ai_addrlen) == 0 &&
        ::listen(socket.descriptor(), backlog) == 0;
    if (!opened) {
        return cannot_listen(address, std::generic_category().message(errno));
    }
    return socket;
}

}  // namespace

Result<Address> parse_address(std::string_view text) {
    std::string_view rest = text;
    if (rest.starts_with(scheme)) {
        rest.remove_prefix(scheme.size());
    }
    if (rest.ends_with('/')) {
        rest.remove_suffix(1);
    }
    const auto endpoint = transport::parse_endpoint("tcp://" + std::string(rest));
    if (!endpoint) {
        return fail(ErrorCode::malformed,
                    fmt::format("'{}' is no address to listen at; expected http://HOST:PORT such "
                                "as http://127.0.0.1:3000",
                                text.substr(0, 200)));
    }
    const std::string_view parsed = std::string_view(endpoint->text).substr(6);
    const std::size_t colon = parsed.rfind(':');
    std::string_view host = parsed.substr(0, colon);
    if (host.starts_with('[')) {
        host = host.substr(1, host.size() - 2);
    }
    return Address{std::string(host), std::string(parsed.substr(colon + 1)), endpoint->is_local};
}

Result<File> listen_at(const Address& address) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    addrinfo* found = nullptr;
    const int problem = ::getaddrinfo(address.host == "*" ? nullptr : address.host.c_str(),
                                      address.port.c_str(), &hints, &found);
    if (problem != 0) {
        return cannot_listen(address, ::gai_strerror(problem));
    }
    const Addresses addresses(found, &::freeaddrinfo);
    return open_socket(address, *found);
}

std::string url_of(const File& listener) {
    sockaddr_storage bound{};
    socklen_t size = sizeof bound;
    std::array<char, NI_MAXHOST> host{};
    std::array<char, NI_MAXSERV> port{};
    auto* const generic = reinterpret_cast<sockaddr*>(&bound);
    if (::getsockname(listener.descriptor(), generic, &size) != 0 ||
        ::getnameinfo(generic, size, host.data(), host.size(), port.data(), port.size(),
                      NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
        return "http://?";
    }
    const bool is_v6 = bound.ss_family == AF_INET6;
    return fmt::format("http://{}{}{}:{}", is_v6 ? "[" : "", host.data(), is_v6 ? "]" : "",
                       port.data());
}

}  // namespace penstock::gateway::http
