#include <array>
#include <cstring>
#include <limits>
#include <vector>

#include "common/shm/shared_buffer.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/worker/sdk/fake_context.hpp"
#include "worker/handlers/catalog.hpp"

namespace penstock::worker::math {
namespace {

Result<Output> call(const Value& args) {
    FakeContext context;
    return add_in_place({args, {}}, context);
}

// As a producer's reference_to() writes it.
Value reference_to(const shm::SharedBuffer& buffer) {
    const SlotRef& ref = buffer.ref();
    return {{"segment", ref.segment},
            {"slot", ref.slot},
            {"generation", ref.generation},
            {"bytes", ref.length}};
}

template <typename T>
shm::SharedBuffer buffer_of(const std::vector<T>& numbers) {
    Result<shm::SharedBuffer> buffer = shm::SharedBuffer::create(numbers.size() * sizeof(T));
    REQUIRE(buffer);
    std::memcpy(buffer->bytes().data(), numbers.data(), buffer->bytes().size());
    return std::move(*buffer);
}

template <typename T>
std::vector<T> numbers_in(const shm::SharedBuffer& buffer) {
    std::vector<T> numbers(buffer.bytes().size() / sizeof(T));
    std::memcpy(numbers.data(), buffer.bytes().data(), buffer.bytes().size());
    return numbers;
}

Result<Output> add(const shm::SharedBuffer& buffer, const Value& number, const Value& type = {}) {
    Value args{{"buffer", reference_to(buffer)}, {"add", number}};
    if (!type.is_null()) {
        args["type"] = type;
    }
    return call(args);
}

TEST_CASE("math.add_in_place: ten becomes fifteen where the producer has it") {
    const shm::SharedBuffer buffer = buffer_of<std::int32_t>({10});
    REQUIRE(add(buffer, 5)->value == Value{{"elements", 1}});
    CHECK(numbers_in<std::int32_t>(buffer) == std::vector<std::int32_t>{15});
}

TEST_CASE("math.add_in_place takes each type of number") {
    const shm::SharedBuffer wide = buffer_of<std::int64_t>({std::int64_t{1} << 40U, -7});
    REQUIRE(add(wide, -3, "int64"));
    CHECK(numbers_in<std::int64_t>(wide) ==
          std::vector<std::int64_t>{(std::int64_t{1} << 40U) - 3, -10});
    const shm::SharedBuffer single = buffer_of<float>({1.5F});
    REQUIRE(add(single, 0.25, "float32"));
    CHECK(numbers_in<float>(single) == std::vector<float>{1.75F});
    const shm::SharedBuffer twice = buffer_of<double>({1.5, -1.5});
    REQUIRE(add(twice, 1, "float64"));
    CHECK(numbers_in<double>(twice) == std::vector<double>{2.5, -0.5});
}

TEST_CASE("math.add_in_place changes nothing unless every sum is a number of the type") {
    const std::vector<std::int32_t> numbers{1, std::numeric_limits<std::int32_t>::max(), 3};
    const shm::SharedBuffer buffer = buffer_of(numbers);
    CHECK(add(buffer, 1).error().code == ErrorCode::rejected);
    CHECK(add(buffer, 1.5).error().code == ErrorCode::rejected);
    CHECK(add(buffer, std::int64_t{1} << 40U).error().code == ErrorCode::rejected);
    CHECK(numbers_in<std::int32_t>(buffer) == numbers);
    const std::vector<float> large{std::numeric_limits<float>::max()};
    const shm::SharedBuffer floats = buffer_of(large);
    CHECK(add(floats, 3e38, "float32").error().code == ErrorCode::rejected);
    CHECK(add(floats, 1e300, "float32").error().code == ErrorCode::rejected);
    CHECK(numbers_in<float>(floats) == large);
}

TEST_CASE("math.add_in_place refuses a buffer that is not there, or not what was named") {
    const shm::SharedBuffer buffer = buffer_of<std::int32_t>({10});
    const auto code_with = [&](const char* field, const Value& value) {
        Value reference = reference_to(buffer);
        reference[field] = value;
        const Result<Output> output = call({{"buffer", reference}, {"add", 5}});
        return output ? std::nullopt : std::optional(output.error().code);
    };
    CHECK(code_with("segment", "penstock-0123456789abcdef") == ErrorCode::rejected);
    CHECK(code_with("segment", "../etc/passwd") == ErrorCode::rejected);
    CHECK(code_with("generation", 2) == ErrorCode::rejected);
    CHECK(code_with("generation", 0) == ErrorCode::rejected);
    CHECK(code_with("slot", 1) == ErrorCode::rejected);
    CHECK(code_with("slot", 4'000'000'000U) == ErrorCode::rejected);
    CHECK(code_with("bytes", 3) == ErrorCode::rejected);
    CHECK(code_with("bytes", 0) == ErrorCode::rejected);
    CHECK(code_with("bytes", 65'540) == ErrorCode::rejected);
    CHECK(code_with("bytes", std::int64_t{1} << 60U) == ErrorCode::rejected);
    CHECK(code_with("more", 1) == ErrorCode::rejected);
    CHECK(call({{"add", 5}}).error().code == ErrorCode::rejected);
    CHECK(call({{"add", 5}, {"buffer", 7}}).error().code == ErrorCode::rejected);
    CHECK(numbers_in<std::int32_t>(buffer) == std::vector<std::int32_t>{10});
}

TEST_CASE("math.add_in_place refuses a buffer whose producer is gone") {
    Value reference;
    {
        const shm::SharedBuffer buffer = buffer_of<std::int32_t>({10});
        reference = reference_to(buffer);
    }
    CHECK(call({{"buffer", reference}, {"add", 5}}).error().code == ErrorCode::rejected);
}

}  // namespace
}  // namespace penstock::worker::math
