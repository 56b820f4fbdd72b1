#include "broker/offline/screen.hpp"

#include <cstdio>
#include <fmt/format.h>
#include <unistd.h>

namespace penstock::broker::offline {
namespace {

// Return to the line's start and erase it.
constexpr const char* clear_line = "\r\x1b[K";

void put(std::FILE* stream, std::string_view text) {
    static_cast<void>(std::fwrite(text.data(), 1, text.size(), stream));
}

process::ExitCode exit_code(ErrorCode code) {
    if (code == ErrorCode::not_found) {
        return process::ExitCode::not_found;
    }
    if (code == ErrorCode::conflict) {
        return process::ExitCode::conflict;
    }
    return code == ErrorCode::disk_full ? process::ExitCode::refused : process::ExitCode::error;
}

}  // namespace

void print_line(std::string_view text) {
    put(stdout, text);
    put(stdout, "\n");
}

void complain(std::string_view text) {
    // In the order in which it happened, also where both go to one place.
    static_cast<void>(std::fflush(stdout));
    put(stderr, fmt::format("penstock-broker: {}\n", text));
}

process::ExitCode report(const Error& error) {
    complain(error.message);
    return exit_code(error.code);
}

process::ExitCode leave_with(process::ExitCode code) {
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
        complain("cannot write to stdout");
        return process::ExitCode::error;
    }
    return code;
}

Progress::Progress(std::string_view what, std::size_t total)
    : what_(what), total_(total), is_terminal_(::isatty(STDERR_FILENO) != 0) {}

Progress::~Progress() {
    if (is_terminal_ && begun_ > 0) {
        put(stderr, clear_line);
    }
}

void Progress::step() {
    ++begun_;
    if (is_terminal_) {
        put(stderr, fmt::format("{}{} {} of {}", clear_line, what_, begun_, total_));
    }
}

}  // namespace penstock::broker::offline
