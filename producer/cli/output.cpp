#include "producer/cli/output.hpp"

#include <cstdio>
#include <cstdlib>
#include <unistd.h>

namespace penstock::cli {
namespace {

constexpr const char* bold = "\x1b[1m";
constexpr const char* red = "\x1b[31m";
constexpr const char* plain = "\x1b[0m";

void write(std::FILE* stream, std::string_view text) {
    // A failure stays set in the stream and is found by flush().
    static_cast<void>(std::fwrite(text.data(), 1, text.size(), stream));
}

bool wants_color(const Globals& globals, int descriptor) {
    // https://no-color.org; read before any thread starts.
    const char* const no_color = std::getenv("NO_COLOR");  // NOLINT(concurrency-mt-unsafe)
    const bool refused = globals.no_color || (no_color != nullptr && *no_color != '\0');
    return !refused && ::isatty(descriptor) == 1;
}

std::string with_bold_headings(const Table& table, bool color) {
    std::string text = table.render();
    if (color) {
        text.insert(text.find('\n'), plain);
        text.insert(0, bold);
    }
    return text;
}

}  // namespace

Output::Output(const Globals& globals)
    : json_(globals.json),
      quiet_(globals.quiet),
      output_terminal_(::isatty(STDOUT_FILENO) == 1),
      error_terminal_(::isatty(STDERR_FILENO) == 1),
      color_output_(wants_color(globals, STDOUT_FILENO)),
      color_error_(wants_color(globals, STDERR_FILENO)) {}

void Output::text(std::string_view text) const {
    write(stdout, text);
}

void Output::line(std::string_view text) const {
    write(stdout, text);
    write(stdout, "\n");
}

void Output::value(const Value& value) const {
    line(json_from_value(value));
}

void Output::table(const Table& table) const {
    write(stdout, with_bold_headings(table, color_output_));
}

void Output::note(std::string_view text) const {
    if (!quiet_) {
        write(stderr, text);
        write(stderr, "\n");
    }
}

void Output::note_table(const Table& table) const {
    if (!quiet_) {
        write(stderr, with_bold_headings(table, color_error_));
    }
}

void Output::error(std::string_view text) const {
    const std::string clean = printable(text);
    write(stderr, color_error_ ? std::string(red) + "penstock: " + plain : "penstock: ");
    write(stderr, clean);
    write(stderr, "\n");
}

void Output::raw_error(std::string_view text) const {
    write(stderr, text);
}

bool Output::flush() {
    return std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
}

int report(const Output& output, const Error& error) {
    std::string text = error.message;
    if (error.code == ErrorCode::unavailable) {
        text += " Start one with `penstock up`, or name another with --server.";
    }
    output.error(text);
    return exit_status(exit_code(error.code));
}

}  // namespace penstock::cli
