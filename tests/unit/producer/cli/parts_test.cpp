#include "producer/cli/parts.hpp"

#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"

namespace penstock::cli {
namespace {

std::vector<Value> all_parts(Parts parts) {
    std::vector<Value> values;
    Part part;
    while (parts.next(part).value() == Parts::Status::part) {
        values.push_back(*value_from_msgpack(part.args.view()));
    }
    return values;
}

TEST_CASE("elements are cut into parts of the wished length, the last one shorter") {
    REQUIRE(all_parts(Parts({.length = 2}, "[1,2,3,4,5]", std::nullopt)) ==
            std::vector<Value>{{1, 2}, {3, 4}, Value::array({5})});
}

TEST_CASE("each element alone is a part without an array around it") {
    REQUIRE(all_parts(Parts({.each = true}, R"([1,"a",[2]])", std::nullopt)) ==
            std::vector<Value>{1, "a", Value::array({2})});
}

TEST_CASE("a short list is spread over all slots, and a long one is no flood of tasks") {
    REQUIRE(growing_length(0, 2) == 1);
    REQUIRE(growing_length(15, 2) == 1);
    REQUIRE(growing_length(80, 2) == 10);
    REQUIRE(growing_length(1'000'000, 2) == 1000);
    REQUIRE(all_parts(Parts({.slots = 2}, "[1,2,3,4,5,6,7,8]", std::nullopt)).size() == 8);
}

TEST_CASE("parts come from a file, too") {
    const TemporaryFolder folder;
    const auto file = folder.write("a", "1\n2\n3\n");
    REQUIRE(all_parts(Parts({.length = 10}, "", std::move(*InputBytes::open(file.string())))) ==
            std::vector<Value>{{1, 2, 3}});
}

TEST_CASE("an element that is no JSON is named, and ends the input") {
    Parts parts({.length = 1}, "1\nnonsense\n3\n", std::nullopt);
    Part part;
    REQUIRE(parts.next(part).value() == Parts::Status::part);
    const auto refused = parts.next(part);
    REQUIRE(refused.error().code == ErrorCode::malformed);
    REQUIRE(refused.error().message.starts_with("element 2: "));
    REQUIRE(parts.next(part).value() == Parts::Status::end);
}

TEST_CASE("large elements make short parts") {
    const std::string element = "\"" + std::string(200'000, 'x') + "\"";
    REQUIRE(all_parts(Parts({.length = 100}, "[" + element + "," + element + "," + element + "]",
                            std::nullopt))
                .size() == 2);
}

}  // namespace
}  // namespace penstock::cli
