// Adds numbers up: whole ones exactly, in any order, as long as the sum fits 64 bits.
//
// Thread rule: values.
#pragma once

#include <cstdint>

#include "common/protocol/value.hpp"

namespace penstock::cli {

class NumberSum {
  public:
    // A number, or an array of them. Errors: malformed (something else, or not finite); nothing is
    // added then.
    [[nodiscard]] Result<void> add(const Value& value);

    // How many numbers have been added.
    [[nodiscard]] std::uint64_t count() const { return count_; }
    // Whole if every number was; 0 without one. Errors: malformed (whole, and beyond 64 bits;
    // or floating-point, and beyond its range).
    [[nodiscard]] Result<Value> sum() const;
    // The sum over the count, floating-point. Errors: malformed (no number, or beyond the range).
    [[nodiscard]] Result<Value> mean() const;

  private:
    // Room for 2^63 numbers of 64 bits: what overflows on the way may still fit in the end.
    __extension__ using Wide = __int128;

    [[nodiscard]] static Result<void> check(const Value& number);
    void add_number(const Value& number);
    [[nodiscard]] long double total() const;

    Wide whole_ = 0;
    double floating_ = 0;
    double lost_ = 0;  // what rounding took from floating_ (Neumaier's sum)
    bool is_floating_ = false;
    std::uint64_t count_ = 0;
};

}  // namespace penstock::cli
