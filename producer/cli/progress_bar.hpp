// How far a command is, on stderr: redrawn in place on a terminal, one line at the end elsewhere.
//
// Thread rule: used by the command's thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "common/model/time.hpp"
#include "producer/cli/output.hpp"

namespace penstock::cli {

struct Progress {
    std::size_t done = 0;
    std::size_t failed = 0;            // of those done
    std::optional<std::size_t> total;  // unknown while the input is still being read
    Duration elapsed{};
};

// "[#########           ] 45/100, 2 failed, 3.2 s", no line break.
[[nodiscard]] std::string render_progress(const Progress& progress);

class ProgressBar {
  public:
    // The time runs from here.
    explicit ProgressBar(const Output& output, std::optional<std::size_t> total = std::nullopt);
    // The end of the input has been seen.
    void set_total(std::size_t total) { progress_.total = total; }
    // So many are done; draws that, a few times a second at most.
    void step(std::size_t done);
    // One of those that are done, or are about to be, has failed.
    void count_failure() { ++progress_.failed; }
    // Draws the end state and leaves the line.
    void finish();
    // Takes the bar off the line, so that something else may be printed.
    void clear();

  private:
    const Output& output_;
    const TimePoint started_;
    Progress progress_;
    TimePoint next_draw_;
    bool drawn_ = false;
};

}  // namespace penstock::cli
