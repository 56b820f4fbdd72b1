#include "producer/cli/describe_archived.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "common/model/time.hpp"
#include "producer/cli/describe.hpp"

namespace penstock::cli {
namespace {

using protocol::ArchivedTask;
using protocol::AttemptReport;
using protocol::Death;
using protocol::DeathCause;

// Arguments that people are shown at most; JSON has them all.
constexpr std::size_t shown_args_max = 400;

Value name_or_null(std::string_view text, bool there) {
    return there ? Value(std::string(text)) : Value(nullptr);
}

Value number_or_null(std::int64_t number) {
    return number == 0 ? Value(nullptr) : Value(number);
}

const char* name(DeathCause cause) {
    switch (cause) {
        case DeathCause::exited: return "exited";
        case DeathCause::signalled: return "signalled";
        case DeathCause::out_of_memory: return "out_of_memory";
    }
    return "unknown";
}

Value death_to_json(const Death& death) {
    return {{"cause", name(death.cause)},
            {"code", death.code},
            {"peak_memory_bytes", death.peak_memory_bytes},
            {"cpu_ms", to_milliseconds(death.cpu)},
            {"last_words", death.last_words}};
}

Value report_to_json(const AttemptReport& report) {
    const bool is_known = !report.site.host.empty();
    return {{"attempt", report.attempt},
            {"host", name_or_null(report.site.host, is_known)},
            {"pid", is_known ? Value(report.site.pid) : Value(nullptr)},
            {"process", is_known ? Value(report.site.process) : Value(nullptr)},
            {"thread", is_known ? Value(report.thread) : Value(nullptr)},
            {"started_at", number_or_null(report.started_at)},
            {"ms", to_milliseconds(report.run)},
            {"error", report.error ? to_json(*report.error) : Value(nullptr)},
            {"death", report.death ? death_to_json(*report.death) : Value(nullptr)}};
}

// What the task was submitted with; null if it cannot be read.
Value args_of(const ArchivedTask& task) {
    const Result<Value> args = value_from_msgpack(task.body.args.view());
    return args ? *args : Value(nullptr);
}

std::string error_words(const std::optional<Error>& error) {
    return error ? fmt::format("{}: {}", penstock::name(error->code), error->message) : "";
}

std::string shortened(std::string text) {
    return text.size() <= shown_args_max ? text : text.substr(0, shown_args_max) + "…";
}

// Without what could draw on a terminal.
void print_lines(std::string_view text, const Output& output) {
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        output.line("  " + printable(text.substr(0, end)));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

void print_reports(const ArchivedTask& task, const Output& output) {
    if (task.reports.empty()) {
        return;
    }
    const std::int64_t now = Instant::read().unix_ms;
    Table table({{"ATTEMPT", Align::right},
                 {"STARTED", Align::right},
                 {"RAN", Align::right},
                 {"HOST"},
                 {"PROCESS"},
                 {"END"}});
    for (const AttemptReport& report : task.reports) {
        std::string end = report.error ? error_words(report.error) : "completed";
        if (report.death) {
            end += fmt::format(" [{}]", death_words(*report.death));
        }
        table.add({std::to_string(report.attempt), ago_words(report.started_at, now),
                   report.run.count() == 0 ? "" : duration_words(to_milliseconds(report.run)),
                   report.site.host, process_words(report.site), std::move(end)});
    }
    output.line("");
    output.table(table);
    for (const AttemptReport& report : task.reports) {
        if (report.death && !report.death->last_words.empty()) {
            output.line(fmt::format("\nstderr of the process of attempt {}:", report.attempt));
            print_lines(report.death->last_words, output);
        }
    }
}

}  // namespace

std::string death_words(const Death& death) {
    std::string text;
    switch (death.cause) {
        case DeathCause::exited: text = fmt::format("exit status {}", death.code); break;
        case DeathCause::signalled: text = fmt::format("signal {}", death.code); break;
        case DeathCause::out_of_memory: text = "out of memory"; break;
    }
    return fmt::format("{}, peak memory {}, cpu {}", text, size_words(death.peak_memory_bytes),
                       duration_words(to_milliseconds(death.cpu)));
}

Value to_json(const ArchivedTask& task) {
    return {{"id", to_text(task.id)},
            {"type", task.type},
            {"queue", task.queue},
            {"state", std::string(penstock::name(task.state))},
            {"dead_reason",
             name_or_null(penstock::name(task.dead_reason), task.dead_reason != DeadReason::none)},
            {"attempts", task.attempts},
            {"max_attempts", task.options.max_attempts},
            {"created_at", number_or_null(task.created_at)},
            {"finished_at", number_or_null(task.finished_at)},
            {"error", task.error ? to_json(*task.error) : Value(nullptr)},
            {"retry_id", task.retry_id ? Value(to_text(*task.retry_id)) : Value(nullptr)},
            {"retried_at", number_or_null(task.retried_at)}};
}

Value whole_to_json(const ArchivedTask& task) {
    Value object = to_json(task);
    object["durability"] = std::string(penstock::name(task.options.durability));
    object["time_limit_ms"] = task.options.time_limit.count();
    object["backoff_base_ms"] = task.options.backoff_base.count();
    object["backoff_max_ms"] = task.options.backoff_max.count();
    Value reports = Value::array();
    for (const AttemptReport& report : task.reports) {
        reports.push_back(report_to_json(report));
    }
    object["reports"] = std::move(reports);
    object["args"] = args_of(task);
    object["payload_bytes"] = task.body.payload.size();
    return object;
}

void print_archived(const ArchivedTask& task, const Output& output) {
    const std::int64_t now = Instant::read().unix_ms;
    const auto fact = [&](const char* word, const std::string& text) {
        if (!text.empty()) {
            output.line(fmt::format("{:<10}{}", word, printable(text)));
        }
    };
    std::string state(penstock::name(task.state));
    if (task.dead_reason != DeadReason::none) {
        state += fmt::format(" ({})", penstock::name(task.dead_reason));
    }
    fact("id", to_text(task.id));
    fact("type", task.type);
    fact("queue", task.queue);
    fact("state", state);
    fact("attempts", fmt::format("{} of {}", task.attempts, task.options.max_attempts));
    fact("created", ago_words(task.created_at, now));
    fact("finished", ago_words(task.finished_at, now));
    fact("error", error_words(task.error));
    if (task.retried_at > 0 && task.retry_id) {
        fact("retried",
             fmt::format("{} as {}", ago_words(task.retried_at, now), to_text(*task.retry_id)));
    }
    fact("args", task.body.args.empty() ? "" : shortened(json_from_value(args_of(task))));
    fact("payload", task.body.payload.empty() ? "" : size_words(task.body.payload.size()));
    print_reports(task, output);
}

}  // namespace penstock::cli
