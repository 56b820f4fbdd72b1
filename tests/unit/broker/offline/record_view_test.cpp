#include "broker/offline/record_view.hpp"

#include "tests/support/catch.hpp"

namespace penstock::broker::offline {
namespace {

using Catch::Matchers::ContainsSubstring;

TaskId numbered(std::uint8_t number) {
    TaskId id;
    id.bytes.back() = number;
    return id;
}

TaskAccepted an_accepted(const Value& args, std::string_view payload) {
    TaskAccepted record;
    record.id = numbered(1);
    record.type = "math.double";
    record.queue = "default";
    record.body = {msgpack_from_value(args), SharedBytes::copy_of(payload)};
    record.created_at = 1'795'800'064'003;
    record.ticket = 9;
    return record;
}

std::string text_of(const Record& record, Bodies bodies = Bodies::sizes) {
    return to_text(17, kind_of(record), fields_of(record, bodies));
}

TEST_CASE("a record is one line of words, its number and kind first") {
    CHECK(text_of(an_accepted({1, 2, 3}, "")) ==
          "17 task_accepted id=00000000-0000-0000-0000-000000000001 type=math.double queue=default "
          "durability=disk max_attempts=0 time_limit=default backoff_base=default "
          "backoff_max=default created_at=2026-11-27T17:21:04.003Z ticket=9 args_bytes=4 "
          "args=[1,2,3] payload_bytes=0");
    CHECK(text_of(CancelRequested{numbered(2)}) ==
          "17 cancel_requested id=00000000-0000-0000-0000-000000000002");
    CHECK(text_of(AttemptFailed{numbered(3), 4, 3, 1, 12, 1'795'800'064'003}) ==
          "17 attempt_failed id=00000000-0000-0000-0000-000000000003 runs=4 charged=3 "
          "alone_deaths=1 ticket=12 run_at=2026-11-27T17:21:04.003Z");
}

TEST_CASE("of forgotten tasks a few are named, and all of them for who asks") {
    TasksForgotten record{1'795'800'064'003, 1'795'800'064'004, {numbered(1), numbered(2)}};
    CHECK(text_of(record) ==
          "17 tasks_forgotten floor=2026-11-27T17:21:04.003Z forgotten_at=2026-11-27T17:21:04.004Z "
          "count=2 ids=00000000-0000-0000-0000-000000000001,00000000-0000-0000-0000-000000000002");
    CHECK(is_about(record, numbered(2)));
    CHECK_FALSE(is_about(record, numbered(3)));
    record.ids.resize(5);
    CHECK_THAT(text_of(record), !ContainsSubstring("ids="));
    CHECK_THAT(text_of(record, Bodies::whole), ContainsSubstring("ids="));
}

TEST_CASE("a task that ended tells why, and where it ran only if it did") {
    TaskFinished record;
    record.result.id = numbered(2);
    record.result.state = TaskState::dead;
    record.result.dead_reason = DeadReason::no_handler;
    record.result.error = Error{ErrorCode::no_handler, "nobody\nhas it"};
    const std::string text = text_of(record);
    CHECK_THAT(text, ContainsSubstring("state=dead dead_reason=no_handler attempts=0"));
    CHECK_THAT(text, ContainsSubstring(R"(message="nobody\nhas it")"));
    CHECK_THAT(text, !ContainsSubstring("host="));
    CHECK_THAT(text, !ContainsSubstring("\n"));
    record.result.site = {"host-a", 42, 1};
    CHECK_THAT(text_of(record), ContainsSubstring("host=host-a pid=42 process=1"));
}

TEST_CASE("large bodies are shown when they are asked for") {
    const TaskAccepted large = an_accepted(std::string(500, 'x'), "\x01\xFFz");
    CHECK_THAT(text_of(large), !ContainsSubstring("xxx"));
    CHECK_THAT(text_of(large), ContainsSubstring("args_bytes=503 payload_bytes=3"));
    const std::string whole = text_of(large, Bodies::whole);
    CHECK_THAT(whole, ContainsSubstring("args=" + std::string(500, 'x')));
    CHECK_THAT(whole, ContainsSubstring("payload=01ff7a"));
}

TEST_CASE("programs get an object with the same fields") {
    const Record record = an_accepted({1, 2, 3}, "abc");
    const Value object = to_json(17, kind_of(record), fields_of(record, Bodies::whole));
    CHECK(object["sequence"] == 17);
    CHECK(object["kind"] == "task_accepted");
    CHECK(object["args"] == Value({1, 2, 3}));
    CHECK(object["payload"] == "616263");
    CHECK(to_json(0, RecordKind::life, fields_of(Life{Epoch{5}, 0}))["epoch"] == 5);
}

TEST_CASE("times that no clock has shown do not stop the printing") {
    CHECK(utc_text(-1) == "1970-01-01T00:00:00.000Z");
    CHECK(utc_text(std::numeric_limits<std::int64_t>::max()) == "9999-12-31T23:59:59.999Z");
}

}  // namespace
}  // namespace penstock::broker::offline
