#include "producer/cli/result_tree.hpp"

#include <algorithm>
#include <random>
#include <vector>

#include "tests/support/catch.hpp"

namespace penstock::cli {
namespace {

// Joins texts, which shows the order.
Value reduce(const Value& args) {
    std::string joined;
    for (const Value& one : args) {
        joined += one.get<std::string>();
    }
    return joined;
}

struct Run {
    std::string result;
    std::size_t tasks = 0;
    std::size_t widest = 0;
};

// Hands "0", "1", ... in the given order, and reduced groups as they are there.
Run run(ResultTree tree, const std::vector<std::size_t>& order) {
    Run run;
    const auto work = [&] {
        while (auto group = tree.next()) {
            ++run.tasks;
            run.widest = std::max(run.widest, group->args.size());
            tree.add(group->node, reduce(group->args));
        }
    };
    for (const std::size_t index : order) {
        tree.add({0, index}, std::string(1, static_cast<char>('a' + index % 26)));
        work();
    }
    REQUIRE((order.empty() || !tree.result()));
    tree.set_count(order.size());
    work();
    REQUIRE(tree.result());
    REQUIRE(tree.waiting_bytes() == 0);
    run.result = tree.result()->get<std::string>();
    return run;
}

std::vector<std::size_t> numbers(std::size_t count) {
    std::vector<std::size_t> order(count);
    for (std::size_t i = 0; i < count; ++i) {
        order[i] = i;
    }
    return order;
}

TEST_CASE("results are reduced in their order, whatever order they come in") {
    std::mt19937 chance(7);
    for (std::size_t count = 0; count < 80; ++count) {
        std::string whole;
        for (std::size_t i = 0; i < count; ++i) {
            whole += static_cast<char>('a' + i % 26);
        }
        std::vector<std::size_t> order = numbers(count);
        const Run orderly = run(ResultTree(3, 1000), order);
        std::ranges::shuffle(order, chance);
        const Run shuffled = run(ResultTree(3, 1000), order);
        REQUIRE(orderly.result == whole);
        REQUIRE(shuffled.result == whole);
        REQUIRE(shuffled.tasks == orderly.tasks);
        REQUIRE(shuffled.widest <= 3);
    }
}

TEST_CASE("no task gets more than the group allows, so that a million takes few levels") {
    const Run wide = run(ResultTree(64, 1'000'000), numbers(64 * 64));
    REQUIRE(wide.widest == 64);
    REQUIRE(wide.tasks == 65);
}

TEST_CASE("large results travel in small groups, but always two together") {
    REQUIRE(run(ResultTree(64, 6), numbers(9)).widest == 3);
    REQUIRE(run(ResultTree(64, 1), numbers(9)).widest == 2);
}

TEST_CASE("one result is reduced, and so are none") {
    REQUIRE(run(ResultTree(3, 100), numbers(1)).tasks == 1);
    REQUIRE(run(ResultTree(3, 100), numbers(0)).tasks == 1);
}

TEST_CASE("a result that is left over is not reduced alone") {
    const Run odd = run(ResultTree(2, 100), numbers(3));
    REQUIRE(odd.result == "abc");
    REQUIRE(odd.tasks == 2);
}

}  // namespace
}  // namespace penstock::cli
