// The processes of the bare limits: this program, started with `--role NAME ARGUMENT...`.
//
//     proxy FRONTEND BACKEND          a plain zmq::proxy between a ROUTER and a DEALER
//     echo BACKEND NUMBER             sends back what it gets, over an inproc hop to a second
//     thread resize SERVER PHOTOS EXPECTED   calls the handler of image.resize when the server asks
//
// They end when they are killed, which the kernel does when their parent ends.
//
// Thread rule: called by main() instead of anything else.
#pragma once

#include <string>
#include <vector>

namespace penstock::bench {

// Does not return but on an error: the exit status.
[[nodiscard]] int run_role(const std::string& role, const std::vector<std::string>& arguments);

// The roles themselves.
[[noreturn]] void run_proxy(const std::string& frontend, const std::string& backend);
[[noreturn]] void run_echo(const std::string& backend, const std::string& number);
[[nodiscard]] int run_resize(const std::string& server, const std::string& photos,
                             const std::string& expected);

}  // namespace penstock::bench
