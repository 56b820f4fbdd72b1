#include "broker/offline/record_view.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include "common/process/units.hpp"

namespace penstock::broker::offline {
namespace {

// Arguments up to this size are shown without being asked for: they fit beside the rest.
constexpr std::size_t short_args_bytes = 64;

std::string hexadecimal(ByteView bytes) {
    std::string text;
    text.reserve(2 * bytes.size());
    for (const std::byte byte : bytes) {
        fmt::format_to(std::back_inserter(text), "{:02x}", std::to_integer<unsigned>(byte));
    }
    return text;
}

// Null: too long to be shown, or no value.
Value shown_args(const SharedBytes& args, Bodies bodies) {
    if (bodies == Bodies::sizes && args.size() > short_args_bytes) {
        return nullptr;
    }
    const Result<Value> value = value_from_msgpack(args.view());
    return value ? *value : Value(nullptr);
}

void add_body(Fields& fields, const Body& body, Bodies bodies) {
    fields.emplace_back("args_bytes", body.args.size());
    fields.emplace_back("args", shown_args(body.args, bodies));
    fields.emplace_back("payload_bytes", body.payload.size());
    if (bodies == Bodies::whole) {
        fields.emplace_back("payload", hexadecimal(body.payload.view()));
    }
}

// 0 means the broker's default.
Value duration_or_default(std::chrono::milliseconds duration) {
    return duration.count() == 0 ? std::string("default") : process::duration_text(duration);
}

// 0 means now, or never: not worth showing.
void add_time(Fields& fields, const char* key, std::int64_t unix_ms) {
    if (unix_ms != 0) {
        fields.emplace_back(key, utc_text(unix_ms));
    }
}

Fields fields(const TaskAccepted& record, Bodies bodies) {
    const TaskOptions& options = record.options;
    Fields fields{{"id", to_text(record.id)},
                  {"type", std::string(record.type)},
                  {"queue", std::string(record.queue)},
                  {"durability", std::string(penstock::name(options.durability))},
                  {"max_attempts", options.max_attempts},
                  {"time_limit", duration_or_default(options.time_limit)},
                  {"backoff_base", duration_or_default(options.backoff_base)},
                  {"backoff_max", duration_or_default(options.backoff_max)},
                  {"created_at", utc_text(record.created_at)},
                  {"ticket", record.ticket}};
    add_time(fields, "run_at", options.run_at);
    add_time(fields, "expires_at", options.expires_at);
    add_body(fields, record.body, bodies);
    return fields;
}

Fields fields(const AttemptFailed& record, Bodies /*bodies*/) {
    Fields fields{{"id", to_text(record.id)},
                  {"runs", record.runs},
                  {"charged", record.charged},
                  {"alone_deaths", record.alone_deaths},
                  {"ticket", record.ticket}};
    add_time(fields, "run_at", record.run_at);
    return fields;
}

Fields fields(const CancelRequested& record, Bodies /*bodies*/) {
    return {{"id", to_text(record.id)}};
}

Fields fields(const TaskFinished& record, Bodies bodies) {
    const TaskResult& result = record.result;
    Fields fields{{"id", to_text(result.id)}, {"state", std::string(penstock::name(result.state))}};
    if (result.dead_reason != DeadReason::none) {
        fields.emplace_back("dead_reason", std::string(penstock::name(result.dead_reason)));
    }
    fields.emplace_back("attempts", result.attempts);
    if (!result.site.host.empty()) {
        fields.emplace_back("host", result.site.host);
        fields.emplace_back("pid", result.site.pid);
        fields.emplace_back("process", result.site.process);
        fields.emplace_back("thread", result.thread);
        fields.emplace_back("run_us", result.run.count());
    }
    if (result.error) {
        fields.emplace_back("code", std::string(penstock::name(result.error->code)));
        fields.emplace_back("message", result.error->message);
    }
    fields.emplace_back("finished_at", utc_text(record.finished_at));
    add_body(fields, result.output, bodies);
    return fields;
}

Fields fields(const TasksForgotten& record, Bodies bodies) {
    Fields fields{{"floor", utc_text(record.floor_ms)},
                  {"forgotten_at", utc_text(record.forgotten_at)},
                  {"count", record.ids.size()}};
    // As with bodies: what fits beside the rest, and all of them for who asks.
    constexpr std::size_t few = 4;
    if (record.ids.size() <= few || bodies == Bodies::whole) {
        std::string ids;
        for (const TaskId& id : record.ids) {
            ids += (ids.empty() ? "" : ",") + to_text(id);
        }
        fields.emplace_back("ids", ids);
    }
    return fields;
}

bool is_plain(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](unsigned char c) {
        return c > ' ' && c < 0x7F && c != '"' && c != '=';
    });
}

// Words as they are; what has spaces, or would draw on the terminal, quoted as in JSON.
std::string value_text(const Value& value) {
    if (value.is_string() && is_plain(value.get_ref<const std::string&>())) {
        return value.get<std::string>();
    }
    return json_from_value(value);
}

}  // namespace

std::string_view name(RecordKind kind) {
    switch (kind) {
        case RecordKind::none: return "none";
        case RecordKind::life: return "life";
        case RecordKind::task_accepted: return "task_accepted";
        case RecordKind::attempt_failed: return "attempt_failed";
        case RecordKind::cancel_requested: return "cancel_requested";
        case RecordKind::task_finished: return "task_finished";
        case RecordKind::tasks_forgotten: return "tasks_forgotten";
    }
    return "unknown";
}

std::string utc_text(std::int64_t unix_ms) {
    // Nobody's clock is past this, and a journal may hold any number.
    constexpr std::int64_t year_9999_ms = 253'402'300'799'999;
    const std::int64_t time = std::clamp<std::int64_t>(unix_ms, 0, year_9999_ms);
    const auto seconds = static_cast<std::time_t>(time / 1000);
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(seconds), time % 1000);
}

Fields fields_of(const Record& record, Bodies bodies) {
    return std::visit([bodies](const auto& known) { return fields(known, bodies); }, record);
}

Fields fields_of(const Life& life) {
    return {{"epoch", life.epoch.value}, {"began_at", utc_text(life.began_at)}};
}

bool is_about(const Record& record, const TaskId& id) {
    if (const auto* finished = std::get_if<TaskFinished>(&record)) {
        return finished->result.id == id;
    }
    if (const auto* failed = std::get_if<AttemptFailed>(&record)) {
        return failed->id == id;
    }
    if (const auto* asked = std::get_if<CancelRequested>(&record)) {
        return asked->id == id;
    }
    if (const auto* forgotten = std::get_if<TasksForgotten>(&record)) {
        return std::ranges::count(forgotten->ids, id) > 0;
    }
    return std::get<TaskAccepted>(record).id == id;
}

std::string to_text(Sequence sequence, RecordKind kind, const Fields& fields) {
    std::string text = fmt::format("{} {}", sequence, name(kind));
    for (const auto& [key, value] : fields) {
        if (!value.is_null()) {
            text += fmt::format(" {}={}", key, value_text(value));
        }
    }
    return text;
}

Value to_json(Sequence sequence, RecordKind kind, const Fields& fields) {
    Value object{{"sequence", sequence}, {"kind", std::string(name(kind))}};
    for (const auto& [key, value] : fields) {
        object[key] = value;
    }
    return object;
}

}  // namespace penstock::broker::offline
