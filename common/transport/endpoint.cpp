#include "common/transport/endpoint.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace penstock::transport {
namespace {

// sockaddr_un holds 108 bytes with the final zero.
constexpr std::size_t ipc_path_max = 107;

constexpr std::string_view advice =
    "; expected tcp://HOST:PORT such as tcp://127.0.0.1:5750, or ipc://PATH";

tl::unexpected<Error> refuse(std::string_view text, std::string_view why) {
    return fail(ErrorCode::malformed, "endpoint '" + std::string(text.substr(0, 200)) + "' " +
                                          std::string(why) + std::string(advice));
}

std::optional<unsigned> parse_port(std::string_view text) {
    unsigned port = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (text.empty() || problem != std::errc{} || end != text.data() + text.size() ||
        port > 65535) {
        return std::nullopt;
    }
    return port;
}

bool is_loopback(std::string_view host) {
    if (host == "localhost" || host == "[::1]") {
        return true;
    }
    // Only the numeric form: a name such as 127.example.org is somebody else's.
    return host.starts_with("127.") && std::ranges::count(host, '.') == 3 &&
           host.find_first_not_of("0123456789.") == std::string_view::npos;
}

Result<Endpoint> parse_tcp(std::string_view text, std::string_view rest) {
    const std::size_t colon = rest.rfind(':');
    if (colon == std::string_view::npos || colon == 0) {
        return refuse(text, "has no host and port");
    }
    const std::string_view host = rest.substr(0, colon);
    if (!parse_port(rest.substr(colon + 1))) {
        return refuse(text, "has no port between 0 and 65535");
    }
    if (host.find_first_of("/;@ \t\n") != std::string_view::npos) {
        return refuse(text, "has a host that is none");
    }
    // ZeroMQ resolves "localhost" by itself only when connecting.
    if (host == "localhost") {
        return Endpoint{"tcp://127.0.0.1" + std::string(rest.substr(colon)), true};
    }
    return Endpoint{std::string(text), is_loopback(host)};
}

}  // namespace

Result<Endpoint> parse_endpoint(std::string_view text) {
    constexpr std::string_view tcp = "tcp://";
    constexpr std::string_view ipc = "ipc://";
    if (text.starts_with(tcp)) {
        return parse_tcp(text, text.substr(tcp.size()));
    }
    if (!text.starts_with(ipc)) {
        return refuse(text, "is neither tcp nor ipc");
    }
    const std::string_view path = text.substr(ipc.size());
    if (path.empty() || path == "*") {
        return refuse(text, "has no path");
    }
    if (path.size() > ipc_path_max) {
        return refuse(text, "has a path of more than 107 bytes, which a socket cannot have");
    }
    return Endpoint{std::string(text), true};
}

}  // namespace penstock::transport
