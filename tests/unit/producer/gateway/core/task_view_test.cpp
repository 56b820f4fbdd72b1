#include "producer/gateway/core/task_view.hpp"

#include "common/protocol/value.hpp"
#include "tests/support/catch.hpp"

namespace penstock::gateway {
namespace {

TEST_CASE("a task is shown without the machine that it ran on") {
    protocol::TaskRow row;
    row.type = "image.resize";
    row.state = TaskState::dead;
    row.dead_reason = DeadReason::rejected;
    row.created_at = 5;
    row.site = Site{"secret-host", 7, 0};
    row.error = Error{ErrorCode::rejected, "no"};
    const std::string json = task_json(row);
    REQUIRE(json.find("secret-host") == std::string::npos);
    const Value shown = value_from_json(json).value();
    REQUIRE(shown["state"] == "dead");
    REQUIRE(shown["dead_reason"] == "rejected");
    REQUIRE(shown["created_at"] == 5);
    REQUIRE(shown["finished_at"].is_null());
    REQUIRE(shown["error"] == Value{{"code", "rejected"}, {"message", "no"}});
}

}  // namespace
}  // namespace penstock::gateway
