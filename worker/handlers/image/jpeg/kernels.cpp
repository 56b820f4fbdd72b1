#include "worker/handlers/image/jpeg/kernels.hpp"

// Compiles what is between the two marks once for each kind of processor, and chooses at run time:
// this file includes itself.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "worker/handlers/image/jpeg/kernels.cpp"
#include <hwy/foreach_target.h>
// After it.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace penstock::worker::image::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

void sum_rows_here(const Sample* const* rows, const float* weights, int count, int columns,
                   float* into) {
    // Four accumulators hide how long one addition takes.
    const hn::CappedTag<float, block_columns / 4> floats;
    const hn::Rebind<std::int32_t, decltype(floats)> integers;
    const hn::Rebind<Sample, decltype(floats)> samples;
    const int lanes = static_cast<int>(hn::Lanes(floats));
    for (int x = 0; x < columns; x += 4 * lanes) {
        auto a = hn::Zero(floats);
        auto b = a;
        auto c = a;
        auto d = a;
        for (int i = 0; i < count; ++i) {
            const auto weight = hn::Set(floats, weights[i]);
            const Sample* const row = rows[i] + x;
            const auto load = [&](int offset) HWY_ATTR {
                return hn::ConvertTo(floats,
                                     hn::PromoteTo(integers, hn::LoadU(samples, row + offset)));
            };
            a = hn::MulAdd(load(0), weight, a);
            b = hn::MulAdd(load(lanes), weight, b);
            c = hn::MulAdd(load(2 * lanes), weight, c);
            d = hn::MulAdd(load(3 * lanes), weight, d);
        }
        hn::StoreU(a, floats, into + x);
        hn::StoreU(b, floats, into + x + lanes);
        hn::StoreU(c, floats, into + x + 2 * lanes);
        hn::StoreU(d, floats, into + x + 3 * lanes);
    }
}

void sum_across_here(const float* line, const int* firsts, const float* weights, int count,
                     int columns, Sample* into) {
    const hn::CappedTag<float, weight_lanes> floats;
    const int lanes = static_cast<int>(hn::Lanes(floats));
    for (int x = 0; x < columns; ++x) {
        const float* const samples = line + firsts[x];
        auto sum = hn::Zero(floats);
        for (int i = 0; i < count; i += lanes) {
            sum = hn::MulAdd(hn::LoadU(floats, samples + i), hn::LoadU(floats, weights + i), sum);
        }
        weights += count;
        const float total = hn::GetLane(hn::SumOfLanes(floats, sum)) + 0.5F;
        into[x] = static_cast<Sample>(total < 0 ? 0 : total > 255 ? 255 : total);
    }
}

}  // namespace penstock::worker::image::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace penstock::worker::image {

HWY_EXPORT(sum_rows_here);
HWY_EXPORT(sum_across_here);

void sum_rows(const Sample* const* rows, const float* weights, int count, int columns,
              float* into) {
    HWY_DYNAMIC_DISPATCH(sum_rows_here)(rows, weights, count, columns, into);
}

void sum_across(const float* line, const int* firsts, const float* weights, int count, int columns,
                Sample* into) {
    HWY_DYNAMIC_DISPATCH(sum_across_here)(line, firsts, weights, count, columns, into);
}

}  // namespace penstock::worker::image
#endif
