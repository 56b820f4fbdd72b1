#include "producer/gateway/shell/upload_visit.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/producer/gateway/shell/visit_fixture.hpp"

namespace penstock::gateway {
namespace {

constexpr std::uint64_t picture_max = 1'000;
constexpr std::string_view some_jpeg = "\xff\xd8\xff and so on";

UploadOrder order(std::optional<std::string> boundary) {
    return {{}, {}, Patience{std::chrono::seconds(1), false, true}, std::move(boundary), {}};
}

std::string part(std::string_view name, std::string_view content) {
    return "--B\r\nContent-Disposition: form-data; name=\"" + std::string(name) + "\"\r\n\r\n" +
           std::string(content) + "\r\n";
}

// The status of the problem that so many bytes of filling run into, after that beginning; 0: none.
int status_of_endless(TestWorkshop& shop, std::string_view beginning, std::size_t filling) {
    UploadVisit visit(shop.workshop, order("B"));
    REQUIRE_FALSE(visit.receive(as_byte_view(beginning)));
    const std::string piece(1'000, 'x');
    for (std::size_t sent = 0; sent < filling; sent += piece.size()) {
        if (const auto problem = visit.receive(as_byte_view(piece))) {
            return problem->status;
        }
    }
    return 0;
}

TEST_CASE("a form has an end, wherever its bytes are") {
    TestWorkshop shop;
    shop.limits.body_max_bytes = picture_max;
    const std::string picture = part("image", some_jpeg);
    for (const std::string& beginning :
         {std::string("before the first part"), part("comment", ""), picture + part("comment", ""),
          picture + "--B--\r\nafter the last delimiter"}) {
        INFO(beginning);
        REQUIRE(status_of_endless(shop, beginning, form_overhead_bytes / 2) == 0);
        REQUIRE(status_of_endless(shop, beginning, 2 * form_overhead_bytes) == 413);
    }
}

TEST_CASE("of a form whose length is known the task gets the picture alone, however large it is") {
    TestWorkshop shop;
    for (const std::size_t bytes : {std::size_t{1'000}, 2 * body_memory_bytes, 400'000UL}) {
        const std::string picture = std::string(some_jpeg) + std::string(bytes, 'p');
        const std::string form = part("image", picture) + part("comment", "x") + "--B--\r\n";
        UploadOrder known = order("B");
        known.length = form.size();
        const auto caller = std::make_shared<TestCaller>();
        const auto visit = std::make_shared<UploadVisit>(shop.workshop, known);
        TestWorkshop::send(*visit, caller, form);
        const protocol::Submit submit = shop.scripted.accept();
        REQUIRE(as_text(submit.tasks.front().body.payload.view()) == picture);
        shop.scripted.complete(submit);
        REQUIRE(caller->reply().status == 200);
    }
}

TEST_CASE("an upload that is refused or given up leaves its memory to others") {
    TestWorkshop shop;
    UploadOrder known = order("B");
    known.length = shop.limits.bodies_bytes_max;
    shop.limits.body_max_bytes = shop.limits.bodies_bytes_max;
    const std::string beginning = part("image", std::string(2 * body_memory_bytes, 'p'));
    const auto visit = std::make_shared<UploadVisit>(shop.workshop, known);
    REQUIRE_FALSE(visit->receive(as_byte_view(beginning)));
    REQUIRE_FALSE(shop.bodies.claim(shop.limits.bodies_bytes_max / 2));
    SECTION("refused") {
        REQUIRE(visit->receive(as_byte_view(part("image", "another"))));
    }
    SECTION("given up") {
        visit->abandon();
    }
    REQUIRE(shop.bodies.claim(shop.limits.bodies_bytes_max));
}

TEST_CASE("a picture that is handed in becomes a task, and its result a file") {
    TestWorkshop shop;
    for (const std::optional<std::string>& boundary : {std::optional<std::string>("B"), {}}) {
        const auto caller = std::make_shared<TestCaller>();
        const auto visit = std::make_shared<UploadVisit>(shop.workshop, order(boundary));
        const std::string form = part("image", some_jpeg) + "--B--\r\n";
        TestWorkshop::send(*visit, caller, boundary ? form : some_jpeg);
        const protocol::Submit submit = shop.scripted.accept();
        REQUIRE(as_text(submit.tasks.front().body.payload.view()) == some_jpeg);
        shop.scripted.complete(submit);
        const http::Reply reply = caller->reply();
        REQUIRE(reply.status == 200);
        REQUIRE(reply.task == to_text(submit.tasks.front().id));
    }
    REQUIRE(std::distance(std::filesystem::directory_iterator(shop.place.path() / "processed"),
                          {}) == 2);
}

TEST_CASE("a place for an upload is free again once its result is on the disk, or cannot be") {
    TestWorkshop shop;
    for (int i = 0; i < 3; ++i) {
        const auto caller = std::make_shared<TestCaller>();
        const auto visit = std::make_shared<UploadVisit>(shop.workshop, order(std::nullopt));
        TestWorkshop::send(*visit, caller, some_jpeg);
        shop.scripted.complete(shop.scripted.accept());
        REQUIRE(caller->reply().status == (i < 2 ? 200 : 507));
        if (i == 1) {
            std::filesystem::remove_all(shop.place.path() / "processed");
        }
    }
}

}  // namespace
}  // namespace penstock::gateway
