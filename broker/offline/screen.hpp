// Where the words of the commands go: findings to stdout, errors and progress to stderr.
//
// Thread rule: used by main().
#pragma once

#include <cstddef>
#include <string_view>

#include "common/model/error.hpp"
#include "common/process/flags.hpp"

namespace penstock::broker::offline {

// One line on stdout.
void print_line(std::string_view text);
// "penstock-broker: …" on stderr.
void complain(std::string_view text);
// Says the error, and gives the exit code that belongs to it.
[[nodiscard]] process::ExitCode report(const Error& error);
// `code`, or error if what was printed could not be written.
[[nodiscard]] process::ExitCode leave_with(process::ExitCode code);

// How far a long reading is: redrawn in place on a terminal, nothing elsewhere.
class Progress {
  public:
    // `what`: "reading segment", say.
    Progress(std::string_view what, std::size_t total);
    // Takes itself off the line.
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    // One more is begun.
    void step();

  private:
    std::string_view what_;
    std::size_t total_;
    std::size_t begun_ = 0;
    bool is_terminal_;
};

}  // namespace penstock::broker::offline
