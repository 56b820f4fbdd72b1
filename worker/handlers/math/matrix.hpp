// Matrices in double precision, and their product.
//
// Thread rule: values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "common/model/result.hpp"

namespace penstock::worker::math {

// Row by row.
struct Matrix {
    std::size_t rows = 0;
    std::size_t columns = 0;
    std::vector<double> numbers;
};

// Asked between two parts of some milliseconds, with the fraction that is done. False: stop.
using KeepOn = std::function<bool(double fraction)>;

// The product, or ErrorCode::cancelled. Requires: a.columns == b.rows.
[[nodiscard]] Result<Matrix> product_of(const Matrix& a, const Matrix& b, const KeepOn& keep_on);

}  // namespace penstock::worker::math
