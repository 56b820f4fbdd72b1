// What the figures were measured on and with.
//
// Thread rule: free function.
#pragma once

#include <string>

namespace penstock::bench {

struct Machine {
    unsigned cores = 0;  // that this process may use
    std::string cpu;
    std::string kernel;
    std::string zmq;       // version of the library
    std::string compiler;  // and its version
    std::string load;      // what else was running: the load averages of 1, 5 and 15 minutes
};

// Now; what the kernel does not tell is empty.
[[nodiscard]] Machine this_machine();

}  // namespace penstock::bench
