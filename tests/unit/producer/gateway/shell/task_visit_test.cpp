#include "producer/gateway/shell/task_visit.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/producer/gateway/shell/visit_fixture.hpp"

namespace penstock::gateway {
namespace {

Match result_of(std::uint8_t number) {
    Match match{Route::task_result, {}};
    match.task.bytes.back() = static_cast<decltype(match.task.bytes)::value_type>(number);
    return match;
}

std::shared_ptr<TaskVisit> visit_for(TestWorkshop& shop, std::uint8_t number) {
    return std::make_shared<TaskVisit>(shop.workshop, result_of(number), "");
}

// Asks for a result, up to where it is fetched or waits for its turn.
template <typename AnyCaller>
std::shared_ptr<TaskVisit> ask(TestWorkshop& shop, std::uint8_t number,
                               const std::shared_ptr<AnyCaller>& caller) {
    auto visit = visit_for(shop, number);
    TestWorkshop::send(*visit, caller);
    shop.find_completed();
    return visit;
}

TEST_CASE("results are fetched one after the other, as many at a time as there are places") {
    TestWorkshop shop;
    const auto first = std::make_shared<TestCaller>();
    const auto second = std::make_shared<TestCaller>();
    const auto one = ask(shop, 1, first);
    REQUIRE(shop.scripted.expect<protocol::Await>().ids.front() == result_of(1).task);
    const auto two = ask(shop, 2, second);
    shop.give_result(result_of(1).task);
    REQUIRE(first->reply().status == 200);
    REQUIRE(shop.scripted.expect<protocol::Await>().ids.front() == result_of(2).task);
    shop.give_result(result_of(2).task);
    REQUIRE(second->reply().status == 200);
}

TEST_CASE("a result is not fetched for who has gone while waiting for it") {
    TestWorkshop shop;
    const auto first = std::make_shared<TestCaller>();
    const auto third = std::make_shared<TestCaller>();
    const auto one = ask(shop, 1, first);
    static_cast<void>(shop.scripted.expect<protocol::Await>());
    const auto two = ask(shop, 2, std::make_shared<TestCaller>());
    const auto three = ask(shop, 3, third);
    two->abandon();
    shop.give_result(result_of(1).task);
    REQUIRE(first->reply().status == 200);
    REQUIRE(shop.scripted.expect<protocol::Await>().ids.front() == result_of(3).task);
    shop.give_result(result_of(3).task);
    REQUIRE(third->reply().status == 200);
}

TEST_CASE("whose turn does not come in time is told to try again, and waits no longer") {
    TestWorkshop shop;
    const auto first = std::make_shared<TestCaller>();
    const auto second = std::make_shared<TestCaller>();
    const auto one = ask(shop, 1, first);
    static_cast<void>(shop.scripted.expect<protocol::Await>());
    auto two = ask(shop, 2, second);
    shop.catch_up();
    REQUIRE_FALSE(two->run_late());
    REQUIRE(code_of(second->reply()) == "429 busy");
    std::weak_ptr<TaskVisit> left = std::exchange(two, nullptr);
    REQUIRE(left.expired());
    REQUIRE_FALSE(one->run_late());
    REQUIRE(code_of(first->reply()) == "503 unavailable");
}

TEST_CASE("who leaves its place while the broker's client goes lets nobody use it any more") {
    TestWorkshop shop;
    const auto slow = std::make_shared<SlowCaller>();
    const auto one = ask(shop, 1, slow);
    static_cast<void>(shop.scripted.expect<protocol::Await>());
    auto two = ask(shop, 2, std::make_shared<TestCaller>());
    std::weak_ptr<TaskVisit> waiting = std::exchange(two, nullptr);
    shop.give_result(result_of(1).task);
    slow->wait_until_answered();
    shop.submitting.stop();
    shop.broker.reset();
    slow->let_go();
    shop.disk.stop();
    // Let in and dropped: it has not asked the client, which is gone, for its result.
    REQUIRE(waiting.expired());
}

}  // namespace
}  // namespace penstock::gateway
