#include "broker/store/log/record_codec.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "common/model/assert.hpp"
#include "common/protocol/message_reader.hpp"
#include "common/protocol/message_writer.hpp"

namespace penstock::broker {
namespace {

using protocol::MessageReader;
using protocol::MessageWriter;

constexpr std::size_t small_record_bytes = 128;
// Tickets and epochs are counted up; this far no broker comes.
constexpr std::uint64_t count_max = std::uint64_t{1} << 62U;

// Decides which bodies lie outside.
struct Encoder {
    MessageWriter& to;
    std::uint64_t inside_max;
    std::optional<Body> outside;

    void write_body(const Body& body) {
        if (body.size_bytes() > inside_max) {
            to.uint(body.args.size());
            to.uint(body.payload.size());
            outside = body;
        } else {
            to.binary(body.args.view());
            to.binary(body.payload.view());
        }
    }
};

SharedBytes read_body_part(MessageReader& from, const char* field, const SharedBytes& content) {
    const ByteView found = from.binary(field);
    return found.empty() ? SharedBytes() : content.slice(from.offset_of(found), found.size());
}

// Both parts are bytes here, or both the sizes of what is elsewhere.
Body read_body(MessageReader& from, const SharedBytes& content, std::optional<BodySizes>& outside) {
    if (from.peek() == protocol::Reader::Type::uint) {
        outside = BodySizes{from.uint("args", content_bytes_max),
                            from.uint("payload", content_bytes_max)};
        return {};
    }
    return {read_body_part(from, "args", content), read_body_part(from, "payload", content)};
}

// One behind the other.
ByteView as_bytes_of(const std::vector<TaskId>& ids) {
    static_assert(sizeof(TaskId) == 16);
    return std::as_bytes(std::span(ids));
}

// One overload per kind: the order of the fields is that of docs/JOURNAL.md.
void write(Encoder& encoder, const TaskAccepted& record) {
    MessageWriter& to = encoder.to;
    to.array(14);
    to.id(record.id);
    to.name(record.type);
    to.name(record.queue);
    to.number(record.options.durability);
    to.uint(record.options.max_attempts);
    to.duration(record.options.time_limit);
    to.duration(record.options.backoff_base);
    to.duration(record.options.backoff_max);
    to.unix_ms(record.options.run_at);
    to.unix_ms(record.options.expires_at);
    to.unix_ms(record.created_at);
    to.uint(record.ticket);
    encoder.write_body(record.body);
}

void write(Encoder& encoder, const AttemptFailed& record) {
    MessageWriter& to = encoder.to;
    to.array(7);
    to.id(record.id);
    to.uint(record.runs);
    to.uint(record.charged);
    to.uint(record.alone_deaths);
    to.uint(record.ticket);
    to.unix_ms(record.run_at);
    if (record.report) {
        to.report(*record.report);
    } else {
        to.nil();
    }
}

void write(Encoder& encoder, const CancelRequested& record) {
    MessageWriter& to = encoder.to;
    to.array(1);
    to.id(record.id);
}

void write(Encoder& encoder, const TaskFinished& record) {
    MessageWriter& to = encoder.to;
    const TaskResult& result = record.result;
    to.array(14);
    to.id(result.id);
    to.number(result.state);
    to.number(result.dead_reason);
    to.uint(result.attempts);
    to.site_or_nil(result.site);
    to.uint(result.thread);
    to.duration(result.run);
    to.error_or_nil(result.error);
    to.unix_ms(record.finished_at);
    encoder.write_body(result.output);
    to.unix_ms(record.started_at);
    to.death_or_nil(record.death);
    to.boolean(record.again);
}

void write(Encoder& encoder, const TasksForgotten& record) {
    MessageWriter& to = encoder.to;
    to.array(3);
    to.unix_ms(record.floor_ms);
    to.unix_ms(record.forgotten_at);
    to.binary(as_bytes_of(record.ids));
}

std::string_view read_name(MessageReader& from, const char* field) {
    const std::string_view found = from.text(field, name_bytes_max);
    if (from.ok() && !is_valid_name(found)) {
        from.expected(field, "the name of a type or queue");
    }
    return found;
}

TaskAccepted read_accepted(MessageReader& from, const SharedBytes& content,
                           std::optional<BodySizes>& outside) {
    TaskAccepted record;
    from.tuple("TaskAccepted", 14);
    record.id = from.id<TaskId>("id");
    record.type = read_name(from, "type");
    record.queue = read_name(from, "queue");
    record.options.durability = from.choice("durability", durability_from_number);
    record.options.max_attempts = from.uint32("max_attempts");
    record.options.time_limit = from.milliseconds("time_limit");
    record.options.backoff_base = from.milliseconds("backoff_base");
    record.options.backoff_max = from.milliseconds("backoff_max");
    record.options.run_at = from.unix_ms("run_at");
    record.options.expires_at = from.unix_ms("expires_at");
    record.created_at = from.unix_ms("created_at");
    record.ticket = from.uint("ticket", count_max);
    record.body = read_body(from, content, outside);
    return record;
}

AttemptFailed read_failed(MessageReader& from) {
    AttemptFailed record;
    from.tuple("AttemptFailed", 7);
    record.id = from.id<TaskId>("id");
    record.runs = from.uint32("runs");
    record.charged = from.uint32("charged");
    record.alone_deaths = from.uint32("alone_deaths");
    record.ticket = from.uint("ticket", count_max);
    record.run_at = from.unix_ms("run_at");
    if (!from.nil()) {
        const MessageReader::Inside inside(from, "report");
        record.report = from.report();
    }
    if (from.ok() && record.charged == 0) {
        from.expected("charged", "an attempt that was charged");
    }
    return record;
}

CancelRequested read_cancel(MessageReader& from) {
    from.tuple("CancelRequested", 1);
    return {from.id<TaskId>("id")};
}

TaskFinished read_finished(MessageReader& from, const SharedBytes& content,
                           std::optional<BodySizes>& outside) {
    TaskFinished record;
    TaskResult& result = record.result;
    from.tuple("TaskFinished", 14);
    result.id = from.id<TaskId>("id");
    result.state = from.choice("state", task_state_from_number);
    if (from.ok() && !is_final(result.state)) {
        from.expected("state", "a final state");
    }
    result.dead_reason = from.choice("dead_reason", dead_reason_from_number);
    result.attempts = from.uint32("attempts");
    result.site = from.site_or_nil("site");
    result.thread = from.uint32("thread");
    result.run = from.microseconds("run");
    result.error = from.error_or_nil("error");
    record.finished_at = from.unix_ms("finished_at");
    result.output = read_body(from, content, outside);
    record.started_at = from.unix_ms("started_at");
    record.death = from.death_or_nil("death");
    record.again = from.boolean("again");
    return record;
}

TasksForgotten read_forgotten(MessageReader& from) {
    TasksForgotten record;
    from.tuple("TasksForgotten", 3);
    record.floor_ms = from.unix_ms("floor");
    record.forgotten_at = from.unix_ms("forgotten_at");
    const ByteView ids = from.binary("ids");
    if (from.ok() && ids.size() % sizeof(TaskId) != 0) {
        from.expected("ids", "ids of 16 bytes each");
        return record;
    }
    record.ids.resize(ids.size() / sizeof(TaskId));
    if (!ids.empty()) {
        std::memcpy(record.ids.data(), ids.data(), ids.size());
    }
    return record;
}

Record read(RecordKind kind, MessageReader& from, const SharedBytes& content,
            std::optional<BodySizes>& outside) {
    switch (kind) {
        case RecordKind::task_accepted: return read_accepted(from, content, outside);
        case RecordKind::attempt_failed: return read_failed(from);
        case RecordKind::cancel_requested: return read_cancel(from);
        case RecordKind::task_finished: return read_finished(from, content, outside);
        case RecordKind::tasks_forgotten: return read_forgotten(from);
        case RecordKind::none:
        case RecordKind::life: break;
    }
    PENSTOCK_ASSERT(false);
    return CancelRequested{};
}

SharedBytes taken(MessageWriter&& writer) {
    return std::move(writer).take().front();
}

}  // namespace

RecordKind kind_of(const Record& record) {
    constexpr std::array kinds{RecordKind::task_accepted, RecordKind::attempt_failed,
                               RecordKind::cancel_requested, RecordKind::task_finished,
                               RecordKind::tasks_forgotten};
    static_assert(kinds.size() == std::variant_size_v<Record>);
    return kinds.at(record.index());
}

Body* body_of(Record& record) {
    if (auto* const accepted = std::get_if<TaskAccepted>(&record)) {
        return &accepted->body;
    }
    auto* const finished = std::get_if<TaskFinished>(&record);
    return finished != nullptr ? &finished->result.output : nullptr;
}

EncodedRecords encode_records(std::span<const Record> records, std::uint64_t inside_max) {
    std::size_t bytes = 0;
    for (const Record& record : records) {
        const std::uint64_t whole =
            std::visit([](const auto& one) { return journal_bytes(one); }, record);
        bytes += std::min<std::uint64_t>(whole, inside_max + small_record_bytes);
    }
    MessageWriter writer(bytes);
    EncodedRecords encoded;
    encoded.ends.reserve(records.size());
    for (std::size_t i = 0; i < records.size(); ++i) {
        Encoder encoder{writer, inside_max, std::nullopt};
        std::visit([&](const auto& one) { write(encoder, one); }, records[i]);
        encoded.ends.push_back(writer.size_bytes());
        if (encoder.outside) {
            encoded.outside.push_back({i, *std::move(encoder.outside)});
        }
    }
    encoded.bytes = taken(std::move(writer));
    return encoded;
}

SharedBytes encode_life(const Life& life) {
    MessageWriter writer(small_record_bytes);
    writer.array(2);
    writer.uint(life.epoch.value);
    writer.unix_ms(life.began_at);
    return taken(std::move(writer));
}

Result<DecodedRecord> decode_record(RecordKind kind, const SharedBytes& content) {
    const protocol::Limits limits;
    MessageReader reader({&content, 1}, limits);
    reader.set_subject("record");
    DecodedRecord decoded;
    decoded.record = read(kind, reader, content, decoded.outside);
    reader.finish();
    if (!reader.ok()) {
        return tl::unexpected(reader.error());
    }
    return decoded;
}

Result<Life> decode_life(ByteView content) {
    protocol::Reader reader(content);
    reader.set_subject("record");
    reader.tuple("Life", 2);
    Life life;
    life.epoch.value = reader.uint("epoch", count_max);
    life.began_at = static_cast<std::int64_t>(
        reader.uint("began_at", std::numeric_limits<std::int64_t>::max()));
    if (reader.ok() && reader.remaining() > 0) {
        reader.fail(ErrorCode::malformed, nullptr, "bytes after the last field");
    }
    if (!reader.ok()) {
        return tl::unexpected(reader.error());
    }
    return life;
}

}  // namespace penstock::broker
