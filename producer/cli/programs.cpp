#include "producer/cli/programs.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <poll.h>
#include <sstream>
#include <unistd.h>
#include <utility>

#include "common/process/spawn.hpp"
#include "producer/cli/descriptor.hpp"

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

Result<std::string> find_program(const std::string& name) {
    const std::filesystem::path beside =
        std::filesystem::path(process::own_program()).parent_path() / name;
    if (::access(beside.c_str(), X_OK) == 0) {
        return beside.string();
    }
    // Read before any thread starts.
    const char* const path = std::getenv("PATH");  // NOLINT(concurrency-mt-unsafe)
    std::istringstream folders(path == nullptr ? "" : path);
    for (std::string folder; std::getline(folders, folder, ':');) {
        const std::filesystem::path candidate = std::filesystem::path(folder) / name;
        if (!folder.empty() && ::access(candidate.c_str(), X_OK) == 0) {
            return candidate.string();
        }
    }
    return fail(ErrorCode::not_found,
                fmt::format("{} is neither in {} nor on PATH: build or install it", name,
                            beside.parent_path().string()));
}

Result<std::string> output_of(const std::string& name, std::vector<std::string> arguments) {
    const Result<std::string> path = find_program(name);
    if (!path) {
        return path;
    }
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        return cannot("ask", name, errno);
    }
    const Descriptor answer(ends[0]);
    Result<process::Child> child = start_telling({*path, std::move(arguments), {}}, ends[1]);
    if (!child) {
        return tl::unexpected(child.error());
    }
    std::string text = read_to_end(answer.number());
    if (const process::ChildEnd end = wait_for(*child); end.signalled || end.code != 0) {
        return fail(ErrorCode::failed, name + " has failed");
    }
    return text;
}

}  // namespace penstock::cli
