#include "producer/gateway/core/task_view.hpp"

#include "common/protocol/value.hpp"

namespace penstock::gateway {
namespace {

Value time_or_null(std::int64_t unix_ms) {
    return unix_ms == 0 ? Value() : Value(unix_ms);
}

}  // namespace

std::string task_json(const protocol::TaskRow& row) {
    Value object = {
        {"id", to_text(row.id)},
        {"type", row.type},
        {"queue", row.queue},
        {"state", name(row.state)},
        {"dead_reason",
         row.dead_reason == DeadReason::none ? Value() : Value(name(row.dead_reason))},
        {"attempts", row.attempts},
        {"max_attempts", row.max_attempts},
        {"created_at", time_or_null(row.created_at)},
        {"started_at", time_or_null(row.started_at)},
        {"finished_at", time_or_null(row.finished_at)},
        {"progress", static_cast<double>(row.progress_permille) / 1000.0},
        {"note", row.progress_note},
        {"ms", static_cast<double>(row.run.count()) / 1000.0},
        {"result_bytes", row.result_bytes},
        {"error", nullptr},
    };
    if (row.error) {
        object["error"] = {{"code", name(row.error->code)}, {"message", row.error->message}};
    }
    return json_from_value(object);
}

}  // namespace penstock::gateway
