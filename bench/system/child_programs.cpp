#include "bench/system/child_programs.hpp"

#include <csignal>
#include <poll.h>
#include <utility>

#include "producer/cli/programs.hpp"

namespace penstock::bench {

Result<process::Child> start_program(const std::string& name, std::vector<std::string> arguments) {
    const Result<std::string> program = cli::find_program(name);
    if (!program) {
        return tl::unexpected(program.error());
    }
    arguments.insert(arguments.end(), {"--log-level", "warning"});
    return process::spawn({*program, std::move(arguments), {}});
}

// SIGTERM, and by force when the child is destroyed.
void ask_to_end(process::Child& child) {
    constexpr int patience_ms = 5000;
    pollfd ended{child.descriptor(), POLLIN, 0};
    if (child.signal(SIGTERM)) {
        static_cast<void>(::poll(&ended, 1, patience_ms));
    }
}

}  // namespace penstock::bench
