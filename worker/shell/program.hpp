// A whole worker program around some handlers: supervisor, one process per usable core, reporter
// and metrics, drain on SIGTERM, flags, environment and configuration file.
//
//     int main(int argc, char** argv) {
//         return penstock::worker::run(argc, argv, {{"text.shout", penstock::SlotClass::cpu,
//         shout}});
//     }
#pragma once

#include <vector>

#include "worker/sdk/handler.hpp"
#include "worker/shell/handler_option.hpp"

namespace penstock::worker {

// Runs until it is told to stop, and returns the exit code for main(). The flags are those of
// `penstock-worker --help`. Errors are written to stderr: usage (2) for bad flags or handlers,
// unavailable (7) if the broker refuses it for good, error (1) if something had to be killed.
//
// Thread rule: call it first in main(), before any thread starts. The program starts itself again
// for each of its processes, so what stands before the call is done in all of them.
[[nodiscard]] int run(int argc, const char* const* argv, std::vector<HandlerEntry> handlers);

// The same for handlers with options of their own, or whose list depends on those: `handlers` is
// called once they have been taken.
[[nodiscard]] int run(int argc, const char* const* argv, std::vector<HandlerEntry> (*handlers)(),
                      const std::vector<HandlerOption>& options);

}  // namespace penstock::worker
