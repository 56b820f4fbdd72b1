#include "producer/cli/program_settings.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>
#include <utility>

#include "common/process/spawn.hpp"
#include "producer/cli/descriptor.hpp"
#include "producer/cli/programs.hpp"

namespace penstock::cli {
namespace {

std::string read_to_end(int descriptor) {
    std::string text;
    std::array<char, 4096> piece{};
    while (true) {
        const ssize_t count = ::read(descriptor, piece.data(), piece.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return text;
        }
        text.append(piece.data(), static_cast<std::size_t>(count));
    }
}

process::ChildEnd wait_for(process::Child& child) {
    while (true) {
        if (const auto end = child.reap()) {
            return *end;
        }
        pollfd ended{child.descriptor(), POLLIN, 0};
        static_cast<void>(::poll(&ended, 1, -1));
    }
}

// `end` becomes the child's stdout and is closed here, or the answer would never end.
Result<process::Child> start_telling(process::Command command, int end) {
    const Descriptor told(end);
    command.descriptors = {{told.number(), STDOUT_FILENO}};
    return process::spawn(command);
}

}  // namespace

Result<std::vector<process::Setting>> ask_for_settings(const std::string& program,
                                                       const std::string& config) {
    const Result<std::string> path = find_program(program);
    if (!path) {
        return tl::unexpected(path.error());
    }
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        return cannot("ask", program, errno);
    }
    const Descriptor answer(ends[0]);
    process::Command command{*path, {"--settings"}, {}};
    if (!config.empty()) {
        command.arguments.insert(command.arguments.end(), {"--config", config});
    }
    Result<process::Child> child = start_telling(std::move(command), ends[1]);
    if (!child) {
        return tl::unexpected(child.error());
    }
    const std::string text = read_to_end(answer.number());
    if (const process::ChildEnd end = wait_for(*child); end.signalled || end.code != 0) {
        return fail(ErrorCode::malformed, program + " refuses its settings");
    }
    return process::read_settings(text);
}

}  // namespace penstock::cli
