#include "common/transport/endpoint.hpp"

#include <arpa/inet.h>
#include <charconv>
#include <optional>
#include <utility>

namespace penstock::transport {
namespace {

constexpr std::string_view tcp_scheme = "tcp://";
constexpr std::string_view ipc_scheme = "ipc://";
// sockaddr_un holds 108 bytes with the final zero.
constexpr std::size_t ipc_path_max = 107;
constexpr std::size_t host_max = 255;

tl::unexpected<Error> refuse(std::string_view text, std::string_view why) {
    std::string message = "endpoint '";
    message.append(text.substr(0, 200)).append("' ").append(why);
    message.append("; expected tcp://HOST:PORT such as tcp://127.0.0.1:5750, or ipc://PATH");
    return fail(ErrorCode::malformed, std::move(message));
}

struct HostAndPort {
    std::string_view host;  // an IPv6 address still has its brackets
    unsigned port = 0;
};

std::optional<unsigned> parse_port(std::string_view text) {
    constexpr unsigned port_max = 65'535;
    unsigned port = 0;
    const char* end = text.data() + text.size();
    const auto [stopped, problem] = std::from_chars(text.data(), end, port);
    if (text.empty() || problem != std::errc{} || stopped != end || port > port_max) {
        return std::nullopt;
    }
    return port;
}

bool is_address(int family, std::string_view text) {
    in6_addr large_enough{};
    return ::inet_pton(family, std::string(text).c_str(), &large_enough) == 1;
}

bool is_host(std::string_view host) {
    if (host == "*") {
        return true;
    }
    if (host.starts_with('[') && host.ends_with(']')) {
        return is_address(AF_INET6, host.substr(1, host.size() - 2));
    }
    constexpr std::string_view name_characters =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
    // ZeroMQ takes no name that begins otherwise, and no host has one.
    constexpr std::string_view first_characters =
        name_characters.substr(0, name_characters.size() - std::string_view(".-_").size());
    return !host.empty() && host.size() <= host_max &&
           first_characters.find(host.front()) != std::string_view::npos &&
           host.find_first_not_of(name_characters) == std::string_view::npos;
}

bool is_loopback(std::string_view host) {
    // Only the numeric form: a name such as 127.example.org is somebody else's.
    return host == "[::1]" || (host.starts_with("127.") && is_address(AF_INET, host));
}

Result<HostAndPort> split_tcp(std::string_view text) {
    const std::string_view rest = text.substr(tcp_scheme.size());
    const std::size_t colon = rest.rfind(':');
    if (colon == std::string_view::npos) {
        return refuse(text, "has no port");
    }
    const auto port = parse_port(rest.substr(colon + 1));
    if (!port) {
        return refuse(text, "has no port between 0 and 65535");
    }
    const std::string_view host = rest.substr(0, colon);
    if (!is_host(host)) {
        return refuse(text, "has no valid host");
    }
    return HostAndPort{host, *port};
}

Result<Endpoint> parse_ipc(std::string_view text) {
    const std::string_view path = text.substr(ipc_scheme.size());
    if (path.empty()) {
        return refuse(text, "has no path");
    }
    // ZeroMQ would choose a path by itself, or use a name without a file, which has no permissions.
    if (path == "*" || path.starts_with('@')) {
        return refuse(text, "names no file");
    }
    if (path.find('\0') != std::string_view::npos) {
        return refuse(text, "has a path with a zero byte");
    }
    if (path.size() > ipc_path_max) {
        return refuse(text, "has a path of more than 107 bytes");
    }
    return Endpoint{std::string(text), true};
}

}  // namespace

Result<Endpoint> parse_endpoint(std::string_view text) {
    if (text.starts_with(ipc_scheme)) {
        return parse_ipc(text);
    }
    if (!text.starts_with(tcp_scheme)) {
        return refuse(text, "is neither tcp nor ipc");
    }
    return split_tcp(text).map([](const HostAndPort& parts) {
        const std::string_view host = parts.host == "localhost" ? "127.0.0.1" : parts.host;
        std::string normal(tcp_scheme);
        normal.append(host).append(":").append(std::to_string(parts.port));
        return Endpoint{std::move(normal), is_loopback(host)};
    });
}

Result<Endpoint> parse_server_endpoint(std::string_view text) {
    const Result<Endpoint> endpoint = parse_endpoint(text);
    if (!endpoint || !text.starts_with(tcp_scheme)) {
        return endpoint;
    }
    const Result<HostAndPort> parts = split_tcp(text);
    if (parts->host == "*") {
        return refuse(text, "names no host to connect to");
    }
    if (parts->port == 0) {
        return refuse(text, "has port 0, which one cannot connect to");
    }
    return endpoint;
}

}  // namespace penstock::transport
