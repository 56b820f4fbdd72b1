#include "broker/store/log/record_codec.hpp"

#include <vector>

#include "common/protocol/message_writer.hpp"
#include "tests/support/catch.hpp"

namespace penstock::broker {
namespace {

TaskId id_of(std::uint8_t number) {
    TaskId id;
    id.bytes[15] = number;
    return id;
}

TaskAccepted an_accepted() {
    TaskOptions options;
    options.durability = Durability::disk;
    options.max_attempts = 3;
    options.time_limit = std::chrono::milliseconds(1500);
    options.backoff_base = std::chrono::milliseconds(10);
    options.backoff_max = std::chrono::milliseconds(20);
    options.run_at = 1'700'000'000'010;
    options.expires_at = 1'700'000'000'020;
    return {id_of(1),
            "image.resize",
            "default",
            options,
            {SharedBytes::copy_of("args"), SharedBytes::copy_of(std::string(100'000, 'x'))},
            1'700'000'000'000,
            99};
}

TaskFinished a_finished() {
    TaskResult result;
    result.id = id_of(2);
    result.state = TaskState::dead;
    result.dead_reason = DeadReason::poison;
    result.attempts = 4;
    result.site = {"host", 12, 1};
    result.thread = 2;
    result.run = std::chrono::microseconds(99);
    result.error = Error{ErrorCode::crashed, "signal 11"};
    return {result, 1'700'000'000'001, 1'700'000'000'000,
            protocol::Death{protocol::DeathCause::signalled, 11, 1U << 20U,
                            std::chrono::microseconds(5), "last words"},
            true};
}

AttemptFailed a_failed() {
    protocol::AttemptReport report;
    report.attempt = 3;
    report.site = {"host", 12, 1};
    report.thread = 2;
    report.started_at = 1'700'000'000'000;
    report.run = std::chrono::microseconds(99);
    report.error = Error{ErrorCode::failed, "no"};
    return {id_of(2), 3, 2, 1, 8, 1'700'000'000'777, report};
}

std::vector<Record> records_of_all_kinds() {
    TaskResult plain;
    plain.id = id_of(3);
    plain.output.args = SharedBytes::copy_of("42");
    return {an_accepted(),
            a_failed(),
            AttemptFailed{id_of(2), 3, 2, 1, 8, 1'700'000'000'777},
            CancelRequested{id_of(4)},
            a_finished(),
            TaskFinished{plain, 5},
            TasksForgotten{6, 7, {id_of(8), id_of(9)}},
            TasksForgotten{6, 7, {}}};
}

SharedBytes encode_record(const Record& record) {
    return encode_records({&record, 1}).bytes;
}

}  // namespace

TEST_CASE("every record is read as it was written") {
    const SharedBytes bytes = encode_record(an_accepted());
    const auto accepted = decode_record(RecordKind::task_accepted, bytes);
    REQUIRE(accepted);
    const TaskAccepted& read = std::get<TaskAccepted>(accepted->record);
    const TaskAccepted written = an_accepted();
    CHECK(read.id == written.id);
    CHECK(read.type == written.type);
    CHECK(read.queue == written.queue);
    CHECK(read.options == written.options);
    CHECK(read.body == written.body);
    CHECK(read.created_at == written.created_at);
    CHECK(read.ticket == written.ticket);

    const auto failed = decode_record(RecordKind::attempt_failed, encode_record(a_failed()));
    REQUIRE(failed);
    CHECK(std::get<AttemptFailed>(failed->record).id == id_of(2));
    CHECK(std::get<AttemptFailed>(failed->record).runs == 3);
    CHECK(std::get<AttemptFailed>(failed->record).charged == 2);
    CHECK(std::get<AttemptFailed>(failed->record).alone_deaths == 1);
    CHECK(std::get<AttemptFailed>(failed->record).ticket == 8);
    CHECK(std::get<AttemptFailed>(failed->record).run_at == 1'700'000'000'777);
    CHECK(std::get<AttemptFailed>(failed->record).report == a_failed().report);

    const auto cancel =
        decode_record(RecordKind::cancel_requested, encode_record(CancelRequested{id_of(4)}));
    REQUIRE(cancel);
    CHECK(std::get<CancelRequested>(cancel->record).id == id_of(4));

    const auto finished = decode_record(RecordKind::task_finished, encode_record(a_finished()));
    REQUIRE(finished);
    CHECK(std::get<TaskFinished>(finished->record).result == a_finished().result);
    CHECK(std::get<TaskFinished>(finished->record).finished_at == a_finished().finished_at);
    CHECK(std::get<TaskFinished>(finished->record).started_at == a_finished().started_at);
    CHECK(std::get<TaskFinished>(finished->record).death == a_finished().death);
    CHECK(std::get<TaskFinished>(finished->record).again);

    const TasksForgotten some{1'700'000'000'000, 1'700'086'400'000, {id_of(5), {}, id_of(7)}};
    const auto forgotten = decode_record(RecordKind::tasks_forgotten, encode_record(some));
    REQUIRE(forgotten);
    CHECK(std::get<TasksForgotten>(forgotten->record).floor_ms == some.floor_ms);
    CHECK(std::get<TasksForgotten>(forgotten->record).forgotten_at == some.forgotten_at);
    CHECK(std::get<TasksForgotten>(forgotten->record).ids == some.ids);
}

TEST_CASE("of a large body a record has the sizes, and the body is to be written elsewhere") {
    const std::vector<Record> records{a_failed(), an_accepted(), a_finished()};
    constexpr std::uint64_t inside_max = 100'003;  // the body has one byte more
    const EncodedRecords encoded = encode_records(records, inside_max);
    REQUIRE(encoded.outside.size() == 1);
    CHECK(encoded.outside.front().record == 1);
    CHECK(encoded.outside.front().body == an_accepted().body);
    CHECK(encoded.bytes.size() < 1'000);
    const auto decoded =
        decode_record(RecordKind::task_accepted, SharedBytes::copy_of(encoded.content(1)));
    REQUIRE(decoded);
    CHECK(decoded->outside == BodySizes{4, 100'000});
    CHECK(std::get<TaskAccepted>(decoded->record).body == Body{});
    CHECK(encode_records(records, inside_max + 1).outside.empty());
}

TEST_CASE("half an id is none") {
    protocol::MessageWriter writer(64);
    writer.array(3);
    writer.uint(1);
    writer.uint(2);
    writer.binary(as_byte_view("twenty-four bytes of ids"));
    const auto read = decode_record(RecordKind::tasks_forgotten, std::move(writer).take().front());
    REQUIRE_FALSE(read);
    CHECK_THAT(read.error().message, Catch::Matchers::ContainsSubstring("ids of 16 bytes"));
}

TEST_CASE("a life is read as it was written") {
    const auto life = decode_life(encode_life({Epoch{77}, 1'700'000'000'000}).view());
    REQUIRE(life);
    CHECK(*life == Life{Epoch{77}, 1'700'000'000'000});
    CHECK_FALSE(decode_life(as_byte_view("x")));
}

TEST_CASE("no cut or changed byte of a record does more than to be refused or read") {
    for (const Record& record : records_of_all_kinds()) {
        const RecordKind kind = kind_of(record);
        const std::string whole(as_text(encode_record(record).view()));
        for (std::size_t length = 0; length < std::min<std::size_t>(whole.size(), 300); ++length) {
            CHECK_FALSE(decode_record(kind, SharedBytes::copy_of(whole.substr(0, length))));
        }
        for (std::size_t at = 0; at < std::min<std::size_t>(whole.size(), 300); ++at) {
            for (const char change : {'\x01', '\x20', '\x80', '\xff'}) {
                std::string changed = whole;
                changed[at] = static_cast<char>(changed[at] ^ change);
                static_cast<void>(decode_record(kind, SharedBytes::copy_of(changed)));
            }
        }
        CHECK_FALSE(decode_record(kind, SharedBytes::copy_of(whole + "x")));
    }
}

}  // namespace penstock::broker
