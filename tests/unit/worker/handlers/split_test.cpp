#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string>

#include "tests/unit/worker/sdk/fake_context.hpp"
#include "worker/handlers/catalog.hpp"

namespace penstock::worker::dataset {
namespace {

constexpr std::array parts{"train", "validation", "test"};

Value numbered(int count) {
    Value names = Value::array();
    for (int i = 0; i < count; ++i) {
        names.push_back("photo-" + std::to_string(i) + ".jpg");
    }
    return names;
}

Value split_of(const Value& args) {
    FakeContext context;
    const Result<Output> output = split({args, {}}, context);
    REQUIRE(output.has_value());
    return output->value;
}

// The part of each name.
std::map<std::string, std::string> parts_of(const Value& answer) {
    std::map<std::string, std::string> found;
    for (const char* part : parts) {
        for (const Value& name : answer[part]) {
            found[name] = part;
        }
    }
    return found;
}

TEST_CASE("split gives each name to one part, in about the shares that are asked for") {
    const Value answer = split_of({{"files", numbered(20'000)}});
    CHECK(parts_of(answer).size() == 20'000);
    // Four standard deviations of a fair draw.
    CHECK(std::abs(static_cast<double>(answer["train"].size()) - 16'000) < 227);
    CHECK(std::abs(static_cast<double>(answer["validation"].size()) - 2'000) < 170);
    CHECK(std::abs(static_cast<double>(answer["test"].size()) - 2'000) < 170);
}

TEST_CASE("split gives a name the same part whatever the order and the other names") {
    Value names = numbered(500);
    const auto before = parts_of(split_of({{"files", names}, {"seed", "a"}}));
    std::reverse(names.begin(), names.end());
    CHECK(parts_of(split_of({{"files", names}, {"seed", "a"}})) == before);
    for (const Value& name : names) {
        const auto alone = parts_of(split_of({{"files", {name}}, {"seed", "a"}}));
        CHECK(alone.at(name) == before.at(name));
    }
}

TEST_CASE("split keeps the order of the input, and a name that comes twice") {
    const Value names = {"c", "a", "b", "a"};
    const Value answer = split_of({{"files", names}, {"train", 1}, {"validation", 0}, {"test", 0}});
    CHECK(answer ==
          Value{{"train", names}, {"validation", Value::array()}, {"test", Value::array()}});
}

TEST_CASE("split differs by seed") {
    const Value names = numbered(500);
    CHECK(split_of({{"files", names}, {"seed", "a"}}) != split_of({{"files", names}}));
    CHECK(split_of({{"files", names}, {"seed", ""}}) == split_of({{"files", names}}));
}

TEST_CASE("split gives nothing to a share of nothing") {
    const Value names = numbered(2000);
    CHECK(split_of({{"files", names}, {"train", 0.9}, {"test", 0}})["test"].empty());
    CHECK(split_of({{"files", names}, {"validation", 0}, {"test", 0.2}})["validation"].empty());
    CHECK(split_of({{"files", names}, {"train", 0}, {"validation", 0.9}})["train"].empty());
    CHECK(split_of({{"files", Value::array()}}) == Value{{"train", Value::array()},
                                                         {"validation", Value::array()},
                                                         {"test", Value::array()}});
}

TEST_CASE("split takes shares that do not quite add up in binary") {
    CHECK(run(split, R"({"files":["a"],"train":0.7,"validation":0.2,"test":0.1})").has_value());
}

TEST_CASE("split rejects what is no listing") {
    CHECK(rejection(split, "{}") == "files: missing; allowed is an array of names");
    CHECK(rejection(split, R"({"files":"a"})") == "files: 'a'; allowed is an array of names");
    CHECK(rejection(split, R"({"files":["a",1]})") ==
          "files: element 1: 1 is not a name of 1..4096 bytes");
    CHECK(rejection(split, R"({"files":[""]})") ==
          "files: element 0: '' is not a name of 1..4096 bytes");
    const std::string too_long = R"({"files":[")" + std::string(4097, 'a') + R"("]})";
    CHECK(rejection(split, too_long).ends_with("is not a name of 1..4096 bytes"));
    const Value too_many = {{"files", Value(1'000'001, "a")}};
    FakeContext context;
    CHECK(split({too_many, {}}, context).error().message ==
          "files: there are 1000001 names; allowed 1000000");
}

TEST_CASE("split rejects shares that are none") {
    CHECK(rejection(split, R"({"files":["a"],"train":1.5})") ==
          "train: 1.5 is not a number of 0..1");
    CHECK(rejection(split, R"({"files":["a"],"test":"0.1"})") ==
          "test: '0.1' is not a number of 0..1");
    CHECK(rejection(split, R"({"files":["a"],"train":0.5,"validation":0.25,"test":0})") ==
          "train, validation and test add up to 0.75; they must add up to 1");
    CHECK(rejection(split, R"({"files":["a"],"seed":5})") ==
          "seed: 5 is not a text of at most 256 bytes");
    const std::string long_seed = R"({"files":["a"],"seed":")" + std::string(257, 'a') + R"("})";
    CHECK(rejection(split, long_seed).ends_with("is not a text of at most 256 bytes"));
    CHECK(rejection(split, R"({"folder":"photos"})").starts_with("files: missing"));
}

}  // namespace
}  // namespace penstock::worker::dataset
