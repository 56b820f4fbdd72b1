#include "producer/cli/describe.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "producer/cli/table.hpp"

namespace penstock::cli {
namespace {

// Names are string views; JSON wants strings.
template <typename Named>
std::string text_of(Named named) {
    return std::string(name(named));
}

Value time_or_null(std::int64_t unix_ms) {
    return unix_ms == 0 ? Value(nullptr) : Value(unix_ms);
}

Value error_or_null(const std::optional<Error>& error) {
    return error ? to_json(*error) : Value(nullptr);
}

void put_site(Value& object, const std::optional<Site>& site) {
    object["host"] = site ? Value(site->host) : Value(nullptr);
    object["pid"] = site ? Value(site->pid) : Value(nullptr);
    object["process"] = site ? Value(site->process) : Value(nullptr);
}

}  // namespace

double to_milliseconds(std::chrono::microseconds duration) {
    return std::chrono::duration<double, std::milli>(duration).count();
}

Value to_json(const Error& error) {
    return {{"code", text_of(error.code)}, {"message", error.message}};
}

Value to_json(const protocol::TaskRow& row) {
    Value object = {
        {"id", to_text(row.id)},
        {"type", row.type},
        {"queue", row.queue},
        {"state", text_of(row.state)},
        {"dead_reason",
         row.dead_reason == DeadReason::none ? Value() : Value(text_of(row.dead_reason))},
        {"attempts", row.attempts},
        {"max_attempts", row.max_attempts},
        {"created_at", time_or_null(row.created_at)},
        {"started_at", time_or_null(row.started_at)},
        {"finished_at", time_or_null(row.finished_at)},
        {"run_at", time_or_null(row.run_at)},
        {"expires_at", time_or_null(row.expires_at)},
        {"thread", row.site ? Value(row.thread) : Value(nullptr)},
        {"ms", to_milliseconds(row.run)},
        {"progress", static_cast<double>(row.progress_permille) / 1000.0},
        {"note", row.progress_note},
        {"error", error_or_null(row.error)},
        {"result_bytes", row.result_bytes},
    };
    put_site(object, row.site);
    return object;
}

Value to_json(const protocol::QueueRow& row) {
    Value object = {
        {"name", row.name}, {"bytes", row.bytes}, {"oldest_age_ms", row.oldest_age.count()}};
    for (std::uint8_t number = 1; number <= task_state_count; ++number) {
        object[text_of(static_cast<TaskState>(number))] = row.counts.at(number - 1U);
    }
    return object;
}

Value to_json(const protocol::WorkerRow& row) {
    constexpr auto cpu = static_cast<std::size_t>(SlotClass::cpu);
    constexpr auto wait = static_cast<std::size_t>(SlotClass::wait);
    return {
        {"worker", to_text(row.worker)},
        {"host", row.site.host},
        {"pid", row.site.pid},
        {"process", row.site.process},
        {"draining", row.draining},
        {"cpu_slots", row.slots.at(cpu)},
        {"wait_slots", row.slots.at(wait)},
        {"cpu_leases", row.leases.at(cpu)},
        {"wait_leases", row.leases.at(wait)},
        {"queues", row.queues},
        {"labels", row.labels},
        {"types", row.types},
        {"joined_at", row.joined_at},
        {"silent_ms", row.silent.count()},
        {"completed", row.completed},
    };
}

Value to_json(const TaskResult& result) {
    const bool ran = !result.site.host.empty();
    const Result<Value> value = value_from_msgpack(result.output.args.view());
    Value object = {
        {"id", to_text(result.id)},
        {"state", text_of(result.state)},
        {"value", value ? *value : Value(nullptr)},
        {"thread", ran ? Value(result.thread) : Value(nullptr)},
        {"ms", to_milliseconds(result.run)},
        {"attempts", result.attempts},
        {"payload_bytes", result.output.payload.size()},
        {"error", error_or_null(result.error)},
    };
    put_site(object, ran ? std::optional<Site>(result.site) : std::nullopt);
    return object;
}

std::string process_words(const Site& site) {
    return site.host.empty() ? "" : fmt::format("{} (pid {})", site.process, site.pid);
}

std::string failure_words(const TaskResult& result) {
    std::string text = text_of(result.state);
    if (result.state == TaskState::dead) {
        text += fmt::format(" ({})", name(result.dead_reason));
    }
    if (!result.error) {
        return text;
    }
    // The reason and the error's name are often one word; it is said once.
    const bool same_word =
        result.state == TaskState::dead && name(result.error->code) == name(result.dead_reason);
    text += same_word ? ": " : fmt::format(": {}: ", name(result.error->code));
    return text + result.error->message;
}

std::string ago_words(std::int64_t then, std::int64_t now) {
    if (then == 0) {
        return "";
    }
    return duration_words(static_cast<double>(std::max<std::int64_t>(now - then, 0))) + " ago";
}

std::string in_words(std::int64_t then, std::int64_t now) {
    return then <= now ? "now" : "in " + duration_words(static_cast<double>(then - now));
}

}  // namespace penstock::cli
