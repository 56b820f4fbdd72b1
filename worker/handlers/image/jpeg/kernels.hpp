// The inner loops of the scaler, for whatever vectors this processor has.
//
// Thread rule: free functions over values.
#pragma once

#include "worker/handlers/image/jpeg/plane.hpp"

namespace penstock::worker::image {

// Columns that sum_rows() works on together.
inline constexpr int block_columns = 64;
// Weights across come in multiples of so many.
inline constexpr int weight_lanes = 8;

// into[x] = the sum of rows[i][x] * weights[i] over i < count, for x < columns. Requires: `columns`
// is a multiple of block_columns, and all of them may be read.
void sum_rows(const Sample* const* rows, const float* weights, int count, int columns, float* into);

// into[x] = the sum of line[firsts[x] + i] * weights[x * count + i] over i < count, rounded and
// kept within a sample, for x < columns. Requires: `count` is a multiple of weight_lanes.
void sum_across(const float* line, const int* firsts, const float* weights, int count, int columns,
                Sample* into);

}  // namespace penstock::worker::image
