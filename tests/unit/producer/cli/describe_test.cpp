#include "producer/cli/describe.hpp"

#include "tests/support/catch.hpp"

namespace penstock::cli {
namespace {

TaskResult dead_task() {
    TaskResult result;
    result.state = TaskState::dead;
    result.dead_reason = DeadReason::no_handler;
    result.error = Error{ErrorCode::no_handler, "no worker knows math.dubble"};
    return result;
}

TEST_CASE("a queue has a count per state under the state's name") {
    protocol::QueueRow row;
    row.name = "default";
    for (std::size_t i = 0; i < row.counts.size(); ++i) {
        row.counts.at(i) = i + 1;
    }
    row.bytes = 77;
    row.oldest_age = std::chrono::milliseconds(1500);
    REQUIRE(to_json(row) == Value{{"name", "default"},
                                  {"bytes", 77},
                                  {"oldest_age_ms", 1500},
                                  {"scheduled", 1},
                                  {"queued", 2},
                                  {"active", 3},
                                  {"retrying", 4},
                                  {"blocked", 5},
                                  {"completed", 6},
                                  {"dead", 7},
                                  {"cancelled", 8},
                                  {"expired", 9}});
}

TEST_CASE("a worker row names its slots and leases by class") {
    protocol::WorkerRow row;
    row.site = {"alpha", 4711, 2};
    row.slots = {1, 4};
    row.leases = {1, 3};
    const Value object = to_json(row);
    REQUIRE(object["host"] == "alpha");
    REQUIRE(object["pid"] == 4711);
    REQUIRE(object["process"] == 2);
    REQUIRE(object["cpu_slots"] == 1);
    REQUIRE(object["wait_slots"] == 4);
    REQUIRE(object["cpu_leases"] == 1);
    REQUIRE(object["wait_leases"] == 3);
    REQUIRE(object["queues"] == Value::array());
}

TEST_CASE("times and places that are not yet are null") {
    const Value object = to_json(protocol::TaskRow{});
    for (const char* field : {"started_at", "finished_at", "host", "pid", "error", "dead_reason"}) {
        REQUIRE(object.at(field).is_null());
    }
}

TEST_CASE("a result tells its value and where it came from") {
    TaskResult result;
    result.site = {"alpha", 4711, 2};
    result.thread = 1;
    result.run = std::chrono::microseconds(2500);
    result.output.args = msgpack_from_value({2, 4});
    const Value object = to_json(result);
    REQUIRE(object["state"] == "completed");
    REQUIRE(object["value"] == Value({2, 4}));
    REQUIRE(object["process"] == 2);
    REQUIRE(object["thread"] == 1);
    REQUIRE(object["ms"] == 2.5);
    REQUIRE(object["error"].is_null());
}

TEST_CASE("a task that never ran has no place, and tells its error") {
    const Value object = to_json(dead_task());
    REQUIRE(object["host"].is_null());
    REQUIRE(object["thread"].is_null());
    REQUIRE(object["error"] ==
            Value{{"code", "no_handler"}, {"message", "no worker knows math.dubble"}});
}

TEST_CASE("why a task failed is told with state, reason and error, each once") {
    REQUIRE(failure_words(dead_task()) == "dead (no_handler): no worker knows math.dubble");
    TaskResult result = dead_task();
    result.dead_reason = DeadReason::attempts_exhausted;
    result.error = Error{ErrorCode::failed, "no luck"};
    REQUIRE(failure_words(result) == "dead (attempts_exhausted): failed: no luck");
    result.state = TaskState::cancelled;
    result.error.reset();
    REQUIRE(failure_words(result) == "cancelled");
}

TEST_CASE("ages are told in words, and never as negative") {
    REQUIRE(ago_words(0, 5000) == "");
    REQUIRE(ago_words(2000, 5000) == "3.0 s ago");
    REQUIRE(ago_words(5001, 5000) == "0.00 ms ago");
}

}  // namespace
}  // namespace penstock::cli
