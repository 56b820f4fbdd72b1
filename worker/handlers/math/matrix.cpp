#include "worker/handlers/math/matrix.hpp"

#include <algorithm>

#include "common/model/assert.hpp"

namespace penstock::worker::math {
namespace {

// A block of b, 64 x 512 numbers, is 256 KiB: it stays in a core's second-level cache while every
// row of a goes over it, and the part of the product's row that it adds to stays in the first.
constexpr std::size_t block_rows = 64;
constexpr std::size_t block_columns = 512;
// Rows of a between two questions whether to go on: at most 8 million multiplications.
constexpr std::size_t rows_per_question = 256;

struct Block {
    std::size_t row, row_end;        // of b
    std::size_t column, column_end;  // of b and the product
};

// Adds to the product's row what a's row gives with the block.
void add_row(const double* a_row, const Matrix& b, const Block& block, double* product_row) {
    for (std::size_t k = block.row; k < block.row_end; ++k) {
        const double factor = a_row[k];
        const double* b_row = b.numbers.data() + k * b.columns;
        for (std::size_t j = block.column; j < block.column_end; ++j) {
            product_row[j] += factor * b_row[j];
        }
    }
}

// One block with every row of a. False if told to stop.
bool add_block(const Matrix& a, const Matrix& b, const Block& block, Matrix& product,
               const std::function<bool(std::size_t row)>& keep_on) {
    for (std::size_t i = 0; i < a.rows; ++i) {
        if (i % rows_per_question == 0 && !keep_on(i)) {
            return false;
        }
        add_row(a.numbers.data() + i * a.columns, b, block,
                product.numbers.data() + i * product.columns);
    }
    return true;
}

std::vector<Block> blocks_of(const Matrix& b) {
    std::vector<Block> blocks;
    for (std::size_t row = 0; row < b.rows; row += block_rows) {
        for (std::size_t column = 0; column < b.columns; column += block_columns) {
            blocks.push_back({row, std::min(row + block_rows, b.rows), column,
                              std::min(column + block_columns, b.columns)});
        }
    }
    return blocks;
}

}  // namespace

Result<Matrix> product_of(const Matrix& a, const Matrix& b, const KeepOn& keep_on) {
    PENSTOCK_ASSERT(a.columns == b.rows);
    Matrix product{a.rows, b.columns, std::vector<double>(a.rows * b.columns)};
    const std::vector<Block> blocks = blocks_of(b);
    for (std::size_t done = 0; done < blocks.size(); ++done) {
        const auto question = [&](std::size_t row) {
            const auto rows = static_cast<double>(done * a.rows + row);
            return keep_on(rows / static_cast<double>(blocks.size() * a.rows));
        };
        if (!add_block(a, b, blocks[done], product, question)) {
            return fail(ErrorCode::cancelled, "cancelled while it multiplied");
        }
    }
    return product;
}

}  // namespace penstock::worker::math
