#include "producer/gateway/core/numbers.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <optional>

#include "common/protocol/value.hpp"
#include "producer/gateway/core/limits.hpp"

namespace penstock::gateway {
namespace {

std::optional<std::int64_t> number_of(const Value& value) {
    // Too large for 63 bits it is unsigned, and negative once converted.
    if (!value.is_number_integer() ||
        (value.is_number_unsigned() && value.get<std::uint64_t>() > std::uint64_t{INT64_MAX})) {
        return std::nullopt;
    }
    const auto number = value.get<std::int64_t>();
    return number < 0 ? std::nullopt : std::optional(number);
}

tl::unexpected<Problem> invalid(std::string detail) {
    return refuse(422, "invalid_numbers", std::move(detail));
}

}  // namespace

Answered<std::vector<std::int64_t>> read_numbers(std::string_view json) {
    const Result<Value> body = value_from_json(json);
    if (!body) {
        return refuse(400, "malformed_json", body.error().message);
    }
    const auto field = body->is_object() ? body->find("numbers") : body->end();
    if (!body->is_object() || field == body->end() || !field->is_array()) {
        return invalid(R"(send an object with an array "numbers", such as {"numbers":[10,20]})");
    }
    if (field->size() > numbers_max) {
        return invalid(fmt::format("{} numbers are too many; at most {} at a time", field->size(),
                                   numbers_max));
    }
    std::vector<std::int64_t> numbers;
    numbers.reserve(field->size());
    for (const Value& element : *field) {
        const auto number = number_of(element);
        if (!number) {
            return invalid(fmt::format("numbers[{}] is no whole number from 0 to {}",
                                       numbers.size(), INT64_MAX));
        }
        numbers.push_back(*number);
    }
    return numbers;
}

std::vector<SharedBytes> split_numbers(const std::vector<std::int64_t>& numbers) {
    const std::size_t tasks = std::min(numbers.size(), tasks_per_request_max);
    std::vector<SharedBytes> args;
    args.reserve(tasks);
    for (std::size_t task = 0; task < tasks; ++task) {
        const auto at = [&](std::size_t index) {
            return std::next(numbers.begin(),
                             static_cast<std::ptrdiff_t>(numbers.size() * index / tasks));
        };
        args.push_back(
            msgpack_from_value(Value(std::vector<std::int64_t>(at(task), at(task + 1)))));
    }
    return args;
}

Answered<std::string> join_results(const std::vector<TaskResult>& results) {
    Value joined = Value::array();
    for (const TaskResult& result : results) {
        if (result.state != TaskState::completed || result.error) {
            return tl::unexpected(problem_of(result));
        }
        Result<Value> part = value_from_msgpack(result.output.args.view());
        if (!part || !part->is_array()) {
            return refuse(500, "internal", "a task did not answer with an array of numbers");
        }
        for (Value& number : *part) {
            joined.push_back(std::move(number));
        }
    }
    return json_from_value(Value{{"result", std::move(joined)}});
}

}  // namespace penstock::gateway
