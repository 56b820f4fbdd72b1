#include <algorithm>
#include <cmath>
#include <random>

#include "tests/unit/worker/handlers/float64_bytes.hpp"
#include "tests/unit/worker/sdk/fake_context.hpp"
#include "worker/handlers/catalog.hpp"

namespace penstock::worker::math {
namespace {

using Numbers = std::vector<double>;

struct Sides {
    std::size_t rows, inner, columns;
};

Numbers random_numbers(std::size_t count, std::uint64_t seed) {
    std::mt19937_64 chance(seed);
    std::uniform_real_distribution<double> flat(-1, 1);
    Numbers numbers(count);
    for (double& number : numbers) {
        number = flat(chance);
    }
    return numbers;
}

// Each number by itself, as the definition has it, in extended precision.
Numbers by_definition(const Numbers& a, const Numbers& b, Sides sides) {
    Numbers product;
    for (std::size_t i = 0; i < sides.rows; ++i) {
        for (std::size_t j = 0; j < sides.columns; ++j) {
            long double sum = 0;
            for (std::size_t k = 0; k < sides.inner; ++k) {
                sum += static_cast<long double>(a[i * sides.inner + k]) * b[k * sides.columns + j];
            }
            product.push_back(static_cast<double>(sum));
        }
    }
    return product;
}

double furthest(const Numbers& one, const Numbers& other) {
    REQUIRE(one.size() == other.size());
    double distance = 0;
    for (std::size_t i = 0; i < one.size(); ++i) {
        distance = std::max(distance, std::abs(one[i] - other[i]));
    }
    return distance;
}

Value args_of(Sides sides) {
    return {{"rows", sides.rows}, {"inner", sides.inner}, {"columns", sides.columns}};
}

TEST_CASE("matmul multiplies rows by columns") {
    CHECK(answer(matmul, R"({"a":[[1,2],[3,4]],"b":[[5,6],[7,8]]})") ==
          R"({"columns":2,"product":[[19.0,22.0],[43.0,50.0]],"rows":2})");
    CHECK(answer(matmul, R"({"a":[[1,2,3]],"b":[[1],[10],[100]]})") ==
          R"({"columns":1,"product":[[321.0]],"rows":1})");
    CHECK(answer(matmul, R"({"a":[[2],[3]],"b":[[1,0.5]]})") ==
          R"({"columns":2,"product":[[2.0,1.0],[3.0,1.5]],"rows":2})");
}

TEST_CASE("matmul of a payload is the product by definition, whatever the blocks cut") {
    for (const Sides sides : {Sides{1, 1, 1}, Sides{3, 64, 512}, Sides{5, 65, 513},
                              Sides{257, 130, 70}, Sides{2, 1000, 1030}}) {
        const Numbers a = random_numbers(sides.rows * sides.inner, 1);
        const Numbers b = random_numbers(sides.inner * sides.columns, 2);
        const std::string payload = float64_bytes(a) + float64_bytes(b);
        const Value args = args_of(sides);
        FakeContext context;
        const Result<Output> output = matmul({args, as_byte_view(payload)}, context);
        REQUIRE(output.has_value());
        CHECK(output->value == Value{{"rows", sides.rows}, {"columns", sides.columns}});
        CHECK(furthest(float64_numbers(output->payload.view()), by_definition(a, b, sides)) <
              1e-12);
    }
}

TEST_CASE("matmul ends when cancelled") {
    FakeContext context;
    context.looks_until_cancel = 1;
    const Value args = args_of({300, 1, 1});
    const std::string payload = float64_bytes(Numbers(301));
    CHECK(matmul({args, as_byte_view(payload)}, context).error().code == ErrorCode::cancelled);
}

TEST_CASE("matmul rejects what are no matrices that fit") {
    CHECK(rejection(matmul, R"({"b":[[1]]})") ==
          "a: missing; send a and b as arrays of rows, or as payload with rows, inner and columns");
    CHECK(rejection(matmul, R"({"a":[],"b":[[1]]})") == "a: an empty array has no rows");
    CHECK(rejection(matmul, R"({"a":7,"b":[[1]]})") == "a: 7 is not an array of rows");
    CHECK(rejection(matmul, R"({"a":[[1]],"b":[1]})") == "b: row 0: 1 is not an array of numbers");
    CHECK(rejection(matmul, R"({"a":[[1,2],[3]],"b":[[1]]})") ==
          "a: row 1: 1 numbers, but row 0 has 2");
    CHECK(rejection(matmul, R"({"a":[[1,true]],"b":[[1]]})") ==
          "a: row 0: element 1: true is not a number");
    CHECK(rejection(matmul, R"({"a":[[]],"b":[[1]]})") ==
          "a: it is 1x0; each side allowed 1..16384");
    CHECK(rejection(matmul, R"({"a":[[1,2]],"b":[[1,2]]})") ==
          "a is 1x2 and b 1x2; a must have as many columns as b has rows");
    CHECK(rejection(matmul, R"({"a":[[1e200]],"b":[[1e200]]})") ==
          "the result is beyond the floating-point range");
}

TEST_CASE("matmul rejects a payload of another size than it is said to have") {
    const std::string two = float64_bytes({1, 2});
    CHECK(rejection(matmul, R"({"rows":1,"inner":1})", as_byte_view(two)) ==
          "columns: missing; allowed 1..16384");
    CHECK(rejection(matmul, R"({"rows":16385,"inner":1,"columns":1})", as_byte_view(two)) ==
          "rows: 16385 is out of range; allowed 1..16384");
    CHECK(rejection(matmul, R"({"rows":1,"inner":2,"columns":1})", as_byte_view(two)) ==
          "matrices of 1x2 and 2x1 have 32 bytes, but the payload has 16");
    CHECK(rejection(matmul, R"({"rows":1,"inner":1,"columns":1})",
                    as_byte_view(float64_bytes({1, std::nan("")}))) ==
          "element 1: it is not a finite number");
}

TEST_CASE("matmul rejects a product that is too large to go back") {
    Value args = {{"a", Value(1025, Value::array({1}))}, {"b", {Value(1024, 1)}}};
    FakeContext context;
    CHECK(matmul({args, {}}, context).error().message ==
          "the product would have 1049600 numbers; as a value allowed 1048576, as payload 4194304");
    args = args_of({2049, 1, 2048});
    const std::string payload = float64_bytes(Numbers(2049 + 2048));
    CHECK(matmul({args, as_byte_view(payload)}, context).error().message ==
          "the product would have 4196352 numbers; allowed 4194304");
}

}  // namespace
}  // namespace penstock::worker::math
