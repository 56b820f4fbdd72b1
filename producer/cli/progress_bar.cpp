#include "producer/cli/progress_bar.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>

#include "producer/cli/table.hpp"

namespace penstock::cli {
namespace {

constexpr std::size_t bar_width = 24;
constexpr std::chrono::milliseconds redraw_pause{50};
// Return to the line's start and erase it.
constexpr const char* clear_line = "\r\x1b[K";

double to_milliseconds(Duration duration) {
    return std::chrono::duration<double, std::milli>(duration).count();
}

}  // namespace

std::string render_progress(const Progress& progress) {
    std::string text;
    if (progress.total) {
        const std::size_t total = std::max<std::size_t>(*progress.total, 1);
        const std::size_t filled = std::min(bar_width, progress.done * bar_width / total);
        text = fmt::format("[{}{}] {}/{}", std::string(filled, '#'),
                           std::string(bar_width - filled, ' '), progress.done, *progress.total);
    } else {
        text = fmt::format("{} done", progress.done);
    }
    if (progress.failed > 0) {
        text += fmt::format(", {} failed", progress.failed);
    }
    return text + ", " + duration_words(to_milliseconds(progress.elapsed));
}

ProgressBar::ProgressBar(const Output& output, std::optional<std::size_t> total)
    : output_(output), started_(Instant::read().steady) {
    progress_.total = total;
}

void ProgressBar::step(std::size_t done) {
    const TimePoint now = Instant::read().steady;
    progress_.done = done;
    progress_.elapsed = now - started_;
    if (!output_.draws_progress() || now < next_draw_) {
        return;
    }
    next_draw_ = now + redraw_pause;
    drawn_ = true;
    output_.raw_error(clear_line + render_progress(progress_));
}

void ProgressBar::finish() {
    clear();
    output_.note(render_progress(progress_));
}

void ProgressBar::clear() {
    if (drawn_) {
        output_.raw_error(clear_line);
        drawn_ = false;
        next_draw_ = {};
    }
}

}  // namespace penstock::cli
