#include <algorithm>
#include <vector>

#include "tests/unit/worker/sdk/fake_context.hpp"
#include "worker/handlers/catalog.hpp"

namespace penstock::worker::math {
namespace {

Value primes_of(std::int64_t from, std::int64_t to, std::int64_t list = 1000) {
    FakeContext context;
    const Value args = {{"from", from}, {"to", to}, {"list", list}};
    const Result<Output> output = primes({args, {}}, context);
    INFO(from << ".." << to);
    REQUIRE(output.has_value());
    return output->value;
}

bool is_prime(std::int64_t number) {
    for (std::int64_t divisor = 2; divisor * divisor <= number; ++divisor) {
        if (number % divisor == 0) {
            return false;
        }
    }
    return number >= 2;
}

std::vector<std::int64_t> by_trial_division(std::int64_t from, std::int64_t to) {
    std::vector<std::int64_t> found;
    for (std::int64_t number = from; number <= to; ++number) {
        if (is_prime(number)) {
            found.push_back(number);
        }
    }
    return found;
}

// The progress that was told.
class WatchedContext : public FakeContext {
  public:
    void progress(double fraction, std::string_view /*note*/) override { told.push_back(fraction); }

    std::vector<double> told;
};

TEST_CASE("primes are those that trial division finds, for every short range") {
    for (std::int64_t from = 0; from <= 40; ++from) {
        for (std::int64_t to = from; to <= 130; to += 7) {
            CHECK(primes_of(from, to)["primes"] == by_trial_division(from, to));
        }
    }
}

TEST_CASE("primes are those that trial division finds across the end of a window") {
    // Windows have 524288 numbers, and the squares of primes are where crossing out begins.
    for (const std::int64_t middle :
         {std::int64_t{524'289}, std::int64_t{994'009}, std::int64_t{999'966'000'289}}) {
        const Value found = primes_of(middle - 300, middle + 300);
        CHECK(found["primes"] == by_trial_division(middle - 300, middle + 300));
    }
    CHECK(primes_of(1'000'000'000'000 - 300, 1'000'000'000'000)["primes"] ==
          by_trial_division(1'000'000'000'000 - 300, 1'000'000'000'000));
    CHECK(primes_of(500'000, 600'000, 100'000)["primes"] == by_trial_division(500'000, 600'000));
}

TEST_CASE("the count of primes is that of the tables") {
    CHECK(primes_of(0, 1000)["count"] == 168);
    CHECK(primes_of(0, 1'000'000)["count"] == 78'498);
    CHECK(primes_of(0, 10'000'000)["count"] == 664'579);
    CHECK(primes_of(24, 28)["count"] == 0);
}

TEST_CASE("primes are counted beyond the list, whose length is asked for") {
    CHECK(answer(primes, R"({"from":0,"to":100,"list":4})") ==
          R"({"count":25,"primes":[2,3,5,7]})");
    CHECK(answer(primes, R"({"from":0,"to":100,"list":0})") == R"({"count":25,"primes":[]})");
    CHECK(run(primes, R"({"from":0,"to":10000})")->value["primes"].size() == 1000);
}

TEST_CASE("primes tell how far they are and stop when cancelled") {
    WatchedContext context;
    const Value args = {{"from", 10}, {"to", 2'000'000}};
    REQUIRE(primes({args, {}}, context).has_value());
    CHECK(context.told.size() == 4);
    CHECK(std::is_sorted(context.told.begin(), context.told.end()));
    CHECK(context.told.back() == 1.0);
    context.looks_until_cancel = 2;
    CHECK(primes({args, {}}, context).error() ==
          Error{ErrorCode::cancelled, "cancelled at 1048587"});
}

TEST_CASE("primes check their range") {
    CHECK(rejection(primes, R"({"to":1})") == "from: missing; allowed 0..1000000000000");
    CHECK(rejection(primes, R"({"from":1})") == "to: missing; allowed 0..1000000000000");
    CHECK(rejection(primes, R"({"from":-1,"to":1})") ==
          "from: -1 is out of range; allowed 0..1000000000000");
    CHECK(rejection(primes, R"({"from":9,"to":8})") == "to: 8 is below from, 9");
    CHECK(rejection(primes, R"({"from":0,"to":1000000000})") ==
          "the range has 1000000001 numbers; allowed 1000000000. Split it over several tasks");
    CHECK(rejection(primes, R"({"from":0,"to":9,"list":100001})") ==
          "list: 100001 is out of range; allowed 0..100000");
}

}  // namespace
}  // namespace penstock::worker::math
