// Brings a plane to another size while its rows come in: Lanczos with three lobes, in floating
// point from the samples to the result, rounded once.
//
// Rows first, since that leaves only the rows of the result to be scaled across. What it needs is
// the rows under one window of the filter, not the plane.
//
// Thread rule: one thread.
#pragma once

#include <utility>
#include <vector>

#include "worker/handlers/image/jpeg/plane.hpp"

namespace penstock::worker::image {

// For each sample of a result the weights of those it is made of, which sum to 1.
class Weights {
  public:
    // `from` samples lie along the input, of which the picture takes `from_extent`; the same for
    // the result, which may be the other way round. Requires: all are positive, and an extent is at
    // most its samples.
    Weights(int from, double from_extent, int to, double to_extent, bool is_mirrored);

    struct Window {
        int first = 0;
        const float* weights = nullptr;  // count() of them
    };
    [[nodiscard]] Window at(int index) const {
        const auto position = static_cast<std::size_t>(index);
        return {firsts_[position], &weights_[position * static_cast<std::size_t>(count_)]};
    }
    // Makes a row of the result from one of the input, which has count() samples more than it
    // needs.
    void apply(const float* line, Sample* into) const;
    // How many samples each window has; those at the end may have no weight, and lie past the
    // input.
    [[nodiscard]] int count() const { return count_; }
    // Of how many samples, from the first, one is made.
    [[nodiscard]] int needed(int index) const { return ends_[static_cast<std::size_t>(index)]; }

  private:
    int count_ = 0;
    std::vector<int> firsts_;
    std::vector<int> ends_;
    std::vector<float> weights_;
};

// Which axes of a result go the other way round.
struct Mirror {
    bool across = false;
    bool down = false;
};

class Scaler {
  public:
    Scaler(const Grid& from, const Grid& to, const Mirror& mirror);

    // The next row of the input, of `from.width` samples. Requires: fewer came than the input has.
    void push(const Sample* row);
    // The result. Requires: all rows of the input have been pushed.
    [[nodiscard]] Plane take() { return std::move(result_); }

  private:
    void make_row(int y);

    Weights across_;
    Weights down_;
    int input_width_;
    int from_width_;  // with what makes it a whole number of blocks
    int from_height_;
    int pushed_ = 0;
    int made_ = 0;  // rows of the result, from the end that needs the first rows of the input
    bool is_upside_down_;
    int kept_rows_;
    std::vector<Sample> kept_;         // the last rows of the input, in turns
    std::vector<const Sample*> rows_;  // those under one window
    std::vector<float> line_;          // a row of the result before it is scaled across
    Plane result_;
};

}  // namespace penstock::worker::image
