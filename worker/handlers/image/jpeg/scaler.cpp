#include "worker/handlers/image/jpeg/scaler.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>

#include "common/model/assert.hpp"
#include "worker/handlers/image/jpeg/kernels.hpp"

namespace penstock::worker::image {
namespace {

constexpr double lobes = 3;

// The Lanczos kernel at x, x + step, x + 2 step and so on. With a = pi x / 3 it is
//
//     sinc(x) sinc(x / 3) = sin(3a) sin(a) / (3 a^2) = (sin(a) / a)^2 (1 - 4/3 sin(a)^2)
//
// and sin(a) follows from the one before by a rotation: calling sin() for each took a twentieth of
// the time of a picture.
class Lanczos {
  public:
    explicit Lanczos(double step)
        : step_(step * unit), step_sin_(std::sin(step_)), step_cos_(std::cos(step_)) {}

    void start(double x) {
        angle_ = x * unit;
        sin_ = std::sin(angle_);
        cos_ = std::cos(angle_);
    }
    double next() {
        const double squared = sin_ * sin_;
        // Closer than this the quotient of two small numbers would be worse than its limit.
        const double quotient = std::abs(angle_) < 1e-6 ? 1 : squared / (angle_ * angle_);
        const double sine = sin_ * step_cos_ + cos_ * step_sin_;
        cos_ = cos_ * step_cos_ - sin_ * step_sin_;
        sin_ = sine;
        angle_ += step_;
        return quotient * (1 - squared * 4 / 3);
    }

  private:
    static constexpr double unit = std::numbers::pi / lobes;

    double step_;
    double step_sin_;
    double step_cos_;
    double angle_ = 0;
    double sin_ = 0;
    double cos_ = 1;
};

int padded(int count) {
    return (count + weight_lanes - 1) / weight_lanes * weight_lanes;
}

}  // namespace

Weights::Weights(int from, double from_extent, int to, double to_extent, bool is_mirrored) {
    PENSTOCK_ASSERT(from > 0 && to > 0 && from_extent > 0 && to_extent > 0);
    const double scale = from_extent / to_extent;
    const double stretch = std::max(scale, 1.0);
    const double support = lobes * stretch;
    count_ = padded(std::min(from, static_cast<int>(std::ceil(2 * support)) + 1));
    weights_.resize(static_cast<std::size_t>(to) * static_cast<std::size_t>(count_));
    Lanczos kernel(1 / stretch);
    for (int index = 0; index < to; ++index) {
        const double place = is_mirrored ? to_extent - (index + 0.5) : index + 0.5;
        const double centre = place * scale - 0.5;
        const int first = std::clamp(static_cast<int>(std::ceil(centre - support)), 0, from - 1);
        const int last =
            std::clamp(static_cast<int>(std::floor(centre + support)), first, from - 1);
        float* const weights =
            &weights_[static_cast<std::size_t>(index) * static_cast<std::size_t>(count_)];
        kernel.start((first - centre) / stretch);
        double sum = 0;
        for (int i = first; i <= last; ++i) {
            const double weight = kernel.next();
            weights[i - first] = static_cast<float>(weight);
            sum += weight;
        }
        for (int i = first; i <= last; ++i) {
            weights[i - first] /= static_cast<float>(sum);
        }
        firsts_.push_back(first);
        ends_.push_back(last + 1);
    }
}

void Weights::apply(const float* line, Sample* into) const {
    sum_across(line, firsts_.data(), weights_.data(), count_, static_cast<int>(firsts_.size()),
               into);
}

Scaler::Scaler(const Grid& from, const Grid& to, const Mirror& mirror)
    : across_(from.width, from.across, to.width, to.across, mirror.across),
      down_(from.height, from.down, to.height, to.down, mirror.down),
      input_width_(from.width),
      from_width_((from.width + block_columns - 1) / block_columns * block_columns),
      from_height_(from.height),
      is_upside_down_(mirror.down),
      kept_rows_(down_.count()),
      kept_(static_cast<std::size_t>(from_width_) * static_cast<std::size_t>(kept_rows_)),
      line_(static_cast<std::size_t>(from_width_ + across_.count())),
      result_(to.width, to.height) {}

void Scaler::push(const Sample* row) {
    PENSTOCK_ASSERT(pushed_ < from_height_);
    Sample* const kept = &kept_[static_cast<std::size_t>(pushed_ % kept_rows_) *
                                static_cast<std::size_t>(from_width_)];
    std::memcpy(kept, row, static_cast<std::size_t>(input_width_));
    ++pushed_;
    while (made_ < result_.height) {
        const int next = is_upside_down_ ? result_.height - 1 - made_ : made_;
        if (down_.needed(next) > pushed_) {
            return;
        }
        make_row(next);
        ++made_;
    }
}

void Scaler::make_row(int y) {
    const Weights::Window window = down_.at(y);
    const int count = down_.needed(y) - window.first;
    rows_.clear();
    for (int i = 0; i < count; ++i) {
        rows_.push_back(&kept_[static_cast<std::size_t>((window.first + i) % kept_rows_) *
                               static_cast<std::size_t>(from_width_)]);
    }
    sum_rows(rows_.data(), window.weights, count, from_width_, line_.data());
    across_.apply(line_.data(), result_.row(y));
}

}  // namespace penstock::worker::image
