#include "producer/gateway/core/routes.hpp"

#include "tests/support/catch.hpp"

namespace penstock::gateway {
namespace {

constexpr const char* routed_id = "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b";

TEST_CASE("each address leads where it should") {
    REQUIRE(find_route("POST", "/process")->route == Route::process);
    REQUIRE(find_route("POST", "/upload")->route == Route::upload);
    REQUIRE(find_route("GET", "/healthz")->route == Route::health);
    REQUIRE(find_route("HEAD", "/livez")->route == Route::live);
    REQUIRE(find_route("GET", "/readyz")->route == Route::ready);
}

TEST_CASE("a task is found by its id") {
    const auto task = find_route("GET", std::string("/v1/tasks/") + routed_id);
    REQUIRE(task->route == Route::task);
    REQUIRE(to_text(task->task) == routed_id);
    const auto result = find_route("GET", std::string("/v1/tasks/") + routed_id + "/result");
    REQUIRE(result->route == Route::task_result);
    REQUIRE(to_text(result->task) == routed_id);
}

TEST_CASE("what leads nowhere is 404, whatever the method") {
    for (const char* path : {"", "/", "/upload/", "/Upload", "/process/x", "/v1/tasks/",
                             "/v1/tasks/7", "/v1/tasks//result", "/v1/tasks/../healthz"}) {
        INFO(path);
        for (const char* method : {"GET", "POST", "BREW"}) {
            const auto match = find_route(method, path);
            REQUIRE_FALSE(match);
            REQUIRE(match.error().status == 404);
            REQUIRE(match.error().code == "not_found");
        }
    }
}

TEST_CASE("another method is 405 and told what is allowed") {
    for (const char* method : {"GET", "PUT", "DELETE", "OPTIONS", "HEAD", "post"}) {
        INFO(method);
        const auto match = find_route(method, "/upload");
        REQUIRE(match.error().status == 405);
        REQUIRE(match.error().allow == "POST");
    }
    REQUIRE(find_route("POST", "/healthz").error().allow == "GET, HEAD");
    REQUIRE(find_route("DELETE", std::string("/v1/tasks/") + routed_id).error().status == 405);
}

}  // namespace
}  // namespace penstock::gateway
