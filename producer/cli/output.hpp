// Where a command's words go: results to stdout, everything for people to stderr.
//
// Thread rule: used by the command's thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "common/protocol/value.hpp"
#include "producer/cli/exit_status.hpp"
#include "producer/cli/table.hpp"

namespace penstock::cli {

// The flags that every command understands.
struct Globals {
    std::string server = "tcp://127.0.0.1:5750";
    std::string context = {};  // the saved context that named the server; empty: none did
    // Why no server could be chosen; commands that need one end with it.
    std::optional<Error> no_server = {};
    bool server_asked = false;  // by a flag of this command line
    std::string config = {};    // the file that --config names; empty: none
    bool json = false;
    bool quiet = false;
    bool no_color = false;
    bool verbose = false;
    std::chrono::milliseconds timeout{0};      // of every wait; 0: none
    std::optional<std::uint64_t> shm_bytes{};  // as client::Options
};

class Output {
  public:
    explicit Output(const Globals& globals);

    [[nodiscard]] bool json() const { return json_; }
    // Whether results and words for people come to one screen.
    [[nodiscard]] bool is_terminal() const { return output_terminal_; }
    // Whether a bar may be redrawn in place.
    [[nodiscard]] bool draws_progress() const { return error_terminal_ && !quiet_; }

    // On stdout as it is, for what is printed piece by piece.
    void text(std::string_view text) const;
    // One line on stdout.
    void line(std::string_view text) const;
    // One line of JSON on stdout.
    void value(const Value& value) const;
    // On stdout, the headings bold on a terminal.
    void table(const Table& table) const;

    // For people, on stderr; silent with --quiet.
    void note(std::string_view text) const;
    void note_table(const Table& table) const;
    // "penstock: …" on stderr, always.
    void error(std::string_view text) const;
    void raw_error(std::string_view text) const;

    // Writes out what stdout still holds. False if the reader is gone or the disk is full.
    [[nodiscard]] static bool flush();

  private:
    bool json_ = false;
    bool quiet_ = false;
    bool output_terminal_ = false;
    bool error_terminal_ = false;
    bool color_output_ = false;
    bool color_error_ = false;
};

// Prints the error with what to do about it, and gives the exit code that belongs to it.
[[nodiscard]] int report(const Output& output, const Error& error);

}  // namespace penstock::cli
