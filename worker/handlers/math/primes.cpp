#include <algorithm>
#include <string>
#include <utility>

#include "worker/handlers/math/odd_sieve.hpp"
#include "worker/sdk/arguments.hpp"
#include "worker/sdk/handler.hpp"

namespace penstock::worker::math {
namespace {

// The divisors up to the root, a million, are found and kept first: 1.3 MB and a few milliseconds.
constexpr std::int64_t to_max = 1'000'000'000'000;
// Numbers in one task: a second or two. More is better spread over several tasks.
constexpr std::int64_t numbers_max = 1'000'000'000;
// Primes in the answer: about a megabyte.
constexpr IntegerRange list_range{0, 100'000};
constexpr std::int64_t list_default = 1000;

struct Wish {
    std::int64_t from = 0;
    std::int64_t to = 0;
    std::int64_t list = list_default;
};

Result<Wish> read_wish(const Value& args) {
    Arguments arguments(args);
    Wish wish;
    wish.from = arguments.integer("from", {0, to_max});
    wish.to = arguments.integer("to", {0, to_max});
    wish.list = arguments.integer("list", list_range, list_default);
    if (wish.to < wish.from) {
        arguments.reject("to: " + std::to_string(wish.to) + " is below from, " +
                         std::to_string(wish.from));
    }
    if (wish.to - wish.from >= numbers_max) {
        arguments.reject("the range has " + std::to_string(wish.to - wish.from + 1) +
                         " numbers; allowed " + std::to_string(numbers_max) +
                         ". Split it over several tasks");
    }
    return arguments.check().map([&] { return wish; });
}

// The primes seen so far: all of them counted, the first ones kept.
class Found {
  public:
    explicit Found(std::int64_t list_max) : list_max_(list_max) {}

    void add(std::int64_t prime) {
        if (count_++ < list_max_) {
            list_.push_back(prime);
        }
    }
    [[nodiscard]] Value value() && { return {{"count", count_}, {"primes", std::move(list_)}}; }

  private:
    std::int64_t list_max_;
    std::int64_t count_ = 0;
    Value list_ = Value::array();
};

}  // namespace

// {"from", "to", "list": 1000}: the primes of the range, both ends included. Gives {"count",
// "primes": the first `list` of them}. Looks for a cancel, and tells how far it is, every half
// million numbers.
Result<Output> primes(const Input& input, Context& context) {
    const Result<Wish> wish = read_wish(input.args);
    if (!wish) {
        return tl::unexpected(wish.error());
    }
    Found found(wish->list);
    if (wish->from <= 2 && wish->to >= 2) {
        found.add(2);
    }
    OddSieve sieve(wish->from, wish->to);
    while (!sieve.done()) {
        if (context.cancelled()) {
            return fail(ErrorCode::cancelled, "cancelled at " + std::to_string(sieve.position()));
        }
        sieve.next_window([&found](std::int64_t prime) { found.add(prime); });
        const auto gone = static_cast<double>(sieve.position() - wish->from);
        context.progress(std::min(1.0, gone / static_cast<double>(wish->to - wish->from + 1)),
                         "up to " + std::to_string(sieve.position() - 2));
    }
    return Output{.value = std::move(found).value(), .payload = {}};
}

}  // namespace penstock::worker::math
