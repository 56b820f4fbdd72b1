// Where the gateway listens.
//
// Thread rule: free functions.
#pragma once

#include <string>
#include <string_view>

#include "common/model/result.hpp"
#include "producer/gateway/http/reply.hpp"

namespace penstock::gateway::http {

struct Address {
    std::string host;  // without brackets; "*": every interface
    std::string port;
    bool is_local = false;  // nobody on another machine can reach it
};

// "http://127.0.0.1:3000", with or without the scheme. Errors: malformed, with an example.
[[nodiscard]] Result<Address> parse_address(std::string_view text);

// Opens the socket, without waiting. Errors: unavailable (in use, no such host, no right).
[[nodiscard]] Result<File> listen_at(const Address& address);

// "http://127.0.0.1:3000", with the port that the system has chosen for port 0.
[[nodiscard]] std::string url_of(const File& listener);

}  // namespace penstock::gateway::http
