#include "producer/gateway/shell/process_visit.hpp"

#include <filesystem>

#include "tests/support/catch.hpp"
#include "tests/unit/producer/gateway/shell/visit_fixture.hpp"

namespace penstock::gateway {
namespace {

constexpr std::string_view numbers = R"({"numbers":[10,20]})";

std::shared_ptr<ProcessVisit> ask(TestWorkshop& shop, std::shared_ptr<http::Caller> caller,
                                  std::string_view body = numbers, bool asynchronous = false) {
    auto visit = std::make_shared<ProcessVisit>(
        shop.workshop, Patience{std::chrono::seconds(1), asynchronous, true});
    TestWorkshop::send(*visit, std::move(caller), body);
    return visit;
}

std::vector<TaskId> ids_of(const protocol::Submit& submit) {
    std::vector<TaskId> ids;
    for (const protocol::SubmittedTask& task : submit.tasks) {
        ids.push_back(task.id);
    }
    return ids;
}

// The ids of so many cancellations.
std::vector<TaskId> cancelled(TestWorkshop& shop, std::size_t count) {
    std::vector<TaskId> ids;
    while (ids.size() < count) {
        const auto cancel = shop.scripted.expect<protocol::Cancel>();
        ids.insert(ids.end(), cancel.ids.begin(), cancel.ids.end());
    }
    std::ranges::sort(ids);
    return ids;
}

std::size_t descriptors() {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}));
}

TEST_CASE("numbers become tasks, and their results the answer") {
    TestWorkshop shop;
    const auto caller = std::make_shared<TestCaller>();
    const auto visit = ask(shop, caller);
    const protocol::Submit submit = shop.scripted.accept();
    REQUIRE(submit.tasks.size() == 2);
    shop.scripted.complete(submit);
    REQUIRE(caller->reply().body == "{\"result\":[10,20]}\n");
}

TEST_CASE("a wait that is over promises tasks that the broker has confirmed") {
    TestWorkshop shop;
    const auto caller = std::make_shared<TestCaller>();
    const auto visit = ask(shop, caller);
    const protocol::Submit submit = shop.scripted.accept();
    shop.catch_up();
    REQUIRE_FALSE(visit->run_late());
    const http::Reply reply = caller->reply();
    REQUIRE(code_of(reply) == "504 wait_over");
    for (const TaskId& id : ids_of(submit)) {
        REQUIRE(reply.body.find(to_text(id)) != std::string::npos);
    }
}

TEST_CASE("a wait that is over before the receipts are there lasts until they are") {
    TestWorkshop shop;
    const auto caller = std::make_shared<TestCaller>();
    const auto visit = ask(shop, caller);
    const auto submit = shop.scripted.expect<protocol::Submit>();
    REQUIRE(visit->run_late());
    shop.scripted.reply(protocol::Receipt{Durability::memory, ids_of(submit)});
    REQUIRE(code_of(caller->reply()) == "504 wait_over");
}

TEST_CASE("tasks that are not confirmed in time are cancelled, before and after they are") {
    TestWorkshop shop;
    const auto caller = std::make_shared<TestCaller>();
    const auto visit = ask(shop, caller);
    const auto submit = shop.scripted.expect<protocol::Submit>();
    std::vector<TaskId> ids = ids_of(submit);
    REQUIRE(visit->run_late());
    REQUIRE_FALSE(visit->run_late());
    REQUIRE(code_of(caller->reply()) == "503 unavailable");
    std::ranges::sort(ids);
    REQUIRE(cancelled(shop, 2) == ids);
    // They were not there yet, and now they are.
    shop.scripted.reply(protocol::Refusal{{ErrorCode::not_found, "no such task"}, {}, ids});
    shop.scripted.reply(protocol::Receipt{Durability::memory, ids});
    REQUIRE(cancelled(shop, 2) == ids);
}

TEST_CASE("who hangs up before the broker has the tasks cancels them once it has") {
    TestWorkshop shop;
    const auto visit = ask(shop, std::make_shared<TestCaller>());
    const auto submit = shop.scripted.expect<protocol::Submit>();
    std::vector<TaskId> ids = ids_of(submit);
    std::ranges::sort(ids);
    visit->abandon();
    REQUIRE(cancelled(shop, 2) == ids);
    shop.scripted.reply(protocol::Refusal{{ErrorCode::not_found, "no such task"}, {}, ids});
    shop.scripted.reply(protocol::Receipt{Durability::memory, ids});
    REQUIRE(cancelled(shop, 2) == ids);
}

TEST_CASE("a place is held until the last task has ended, however short the wait") {
    TestWorkshop shop;
    const auto first = std::make_shared<TestCaller>();
    const auto second = std::make_shared<TestCaller>();
    const auto third = std::make_shared<TestCaller>();
    const auto one = ask(shop, first);
    const protocol::Submit submit = shop.scripted.accept();
    shop.catch_up();
    REQUIRE_FALSE(one->run_late());
    const auto two = ask(shop, second);
    const auto three = ask(shop, third);
    REQUIRE_FALSE(two->run_late());
    REQUIRE(code_of(second->reply()) == "429 busy");
    shop.scripted.complete(submit);
    shop.scripted.complete(shop.scripted.accept());
    REQUIRE(third->reply().status == 200);
}

TEST_CASE("who does not wait for the end gives the place back with the receipts") {
    TestWorkshop shop;
    for (int i = 0; i < 2; ++i) {
        const auto caller = std::make_shared<TestCaller>();
        const auto visit = ask(shop, caller, numbers, true);
        static_cast<void>(shop.scripted.accept());
        REQUIRE(caller->reply().status == 202);
    }
}

TEST_CASE("who hangs up or is late before it is served leaves no file behind") {
    TestWorkshop shop;
    std::promise<void> held;
    shop.submitting.add([&] { held.get_future().wait(); });
    const std::string body = std::string(2 * body_memory_bytes, ' ') + std::string(numbers);
    const std::size_t before = descriptors();
    std::vector<std::shared_ptr<ProcessVisit>> visits;
    for (int i = 0; i < 4; ++i) {
        visits.push_back(ask(shop, std::make_shared<TestCaller>(), body));
    }
    REQUIRE(descriptors() == before + 4);
    for (std::size_t i = 0; i < 4; ++i) {
        if (i % 2 == 0) {
            visits[i]->abandon();
        } else {
            REQUIRE_FALSE(visits[i]->run_late());
        }
    }
    REQUIRE(descriptors() == before);
    held.set_value();
    // The place is free again, which the first one had.
    const auto caller = std::make_shared<TestCaller>();
    const auto visit = ask(shop, caller);
    shop.scripted.complete(shop.scripted.accept());
    REQUIRE(caller->reply().status == 200);
}

}  // namespace
}  // namespace penstock::gateway
