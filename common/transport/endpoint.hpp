// Where a socket listens or connects: "tcp://HOST:PORT" or "ipc://PATH", and nothing else (the
// packaged ZeroMQ offers more, none of which Penstock wants to be reachable by).
//
// Thread rule: values.
#pragma once

#include <string>
#include <string_view>

#include "common/model/result.hpp"

namespace penstock::transport {

struct Endpoint {
    std::string text;       // as ZeroMQ wants it
    bool is_local = false;  // ipc, or a loopback address: nobody else can reach it

    friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

// Checks the form. `tcp://localhost:P`, `tcp://127.x.x.x:P` and `tcp://[::1]:P` are local; `*` and
// every other host are not. "localhost" becomes 127.0.0.1, because ZeroMQ listens on numbers only.
// Port 0 lets the system choose.
// Errors: malformed, naming what is wrong and an example.
[[nodiscard]] Result<Endpoint> parse_endpoint(std::string_view text);

// The same for an endpoint to connect to: one that only makes sense for listening (`*`, port 0) is
// malformed.
[[nodiscard]] Result<Endpoint> parse_server_endpoint(std::string_view text);

}  // namespace penstock::transport
