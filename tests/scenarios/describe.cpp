#include "tests/scenarios/describe.hpp"

#include <chrono>

#include "tests/unit/broker/core/test_broker.hpp"

namespace penstock::scenarios {
namespace {

using broker::test::number_of;
using Lines = std::vector<std::string>;

template <typename Number>
std::string text(Number number) {
    return std::to_string(number);
}
std::string text(std::chrono::milliseconds duration) {
    return text(duration.count()) + "ms";
}

// Calls `append(first, last)` for each run of items that follow each other.
template <typename Item, typename Follows, typename Append>
void in_runs(const std::vector<Item>& items, const Follows& follows, const Append& append) {
    for (std::size_t at = 0; at < items.size();) {
        std::size_t last = at;
        while (last + 1 < items.size() && follows(items[last], items[last + 1])) {
            ++last;
        }
        append(items[at], items[last]);
        at = last + 1;
    }
}

// "1-3"
std::string range(const TaskId& first, const TaskId& last) {
    return text(number_of(first)) + (first == last ? "" : "-" + text(number_of(last)));
}

bool next(const TaskId& before, const TaskId& after) {
    return number_of(before) + 1 == number_of(after);
}

// " 1-3 7"
std::string ids(const std::vector<TaskId>& all) {
    std::string line;
    in_runs(all, next,
            [&](const TaskId& first, const TaskId& last) { line += " " + range(first, last); });
    return line;
}

// " 1-3#1 4#2"
std::string leases(const std::vector<Lease>& all) {
    std::string line;
    in_runs(
        all,
        [](const Lease& before, const Lease& after) {
            return next(before.task, after.task) && before.attempt == after.attempt;
        },
        [&](const Lease& first, const Lease& last) {
            line += " " + range(first.task, last.task) + "#" + text(first.attempt);
        });
    return line;
}

std::string state(TaskState state, DeadReason reason) {
    std::string line(name(state));
    return reason == DeadReason::none ? line : line + ":" + std::string(name(reason));
}

std::string error(const std::optional<Error>& error) {
    return error ? ", " + std::string(name(error->code)) + ": " + error->message : "";
}

class Describer {
  public:
    explicit Describer(const WorkerName& worker_name) : worker_name_(worker_name) {}

    Lines operator()(const protocol::Welcome& message) const {
        return {"WELCOME epoch=" + text(message.epoch.value)};
    }
    Lines operator()(const protocol::Receipt& message) const {
        return {"RECEIPT " + std::string(name(message.durability)) + ids(message.ids)};
    }
    Lines operator()(const protocol::Refusal& message) const {
        std::string line = "REFUSAL" + ids(message.ids) + error(message.error);
        if (message.retry_after.count() > 0) {
            line += " (retry after " + text(message.retry_after) + ")";
        }
        return {line};
    }
    Lines operator()(const protocol::ResultBatch& message) const {
        const auto end_of = [](const TaskResult& result) {
            return state(result.state, result.dead_reason) + " attempts=" + text(result.attempts) +
                   error(result.error);
        };
        Lines lines;
        in_runs(
            message.results,
            [&](const TaskResult& before, const TaskResult& after) {
                return next(before.id, after.id) && end_of(before) == end_of(after);
            },
            [&](const TaskResult& first, const TaskResult& last) {
                lines.push_back("RESULT " + range(first.id, last.id) + " " + end_of(first));
            });
        return lines;
    }
    Lines operator()(const protocol::Cancelling& message) const {
        return {"CANCELLING" + ids(message.ids)};
    }
    Lines operator()(const protocol::Answer& message) const {
        Lines lines;
        std::visit(
            [&](const auto& rows) {
                for (const auto& row : rows) {
                    lines.push_back(describe_row(row));
                }
            },
            message.rows);
        return lines;
    }
    Lines operator()(const protocol::Dispatch& message) const {
        Lines lines;
        for (const protocol::DispatchGroup& group : message.groups) {
            std::vector<Lease> given;
            for (const protocol::Assignment& task : group.tasks) {
                given.push_back(task.lease);
            }
            lines.push_back("DISPATCH " + group.type + "/" + group.queue + leases(given));
        }
        return lines;
    }
    Lines operator()(const protocol::Settled& message) const {
        return {"SETTLED" + ids(message.ids)};
    }
    Lines operator()(const protocol::Recall& message) const {
        return {"RECALL" + leases(message.leases)};
    }
    Lines operator()(const protocol::Stop& message) const {
        return {"STOP" + leases(message.leases) + " grace=" + text(message.grace)};
    }
    Lines operator()(const protocol::Noted& message) const {
        return {"NOTED " + text(message.number)};
    }
    // The broker sends none of the others.
    template <typename Other>
    Lines operator()(const Other& /*message*/) const {
        return {"a message that a broker never sends"};
    }

  private:
    [[nodiscard]] std::string describe_row(const protocol::TaskRow& row) const {
        return "TASK " + text(number_of(row.id)) + " " + row.type + "/" + row.queue + " " +
               state(row.state, row.dead_reason) + " attempts=" + text(row.attempts) + "/" +
               text(row.max_attempts) + error(row.error);
    }
    [[nodiscard]] std::string describe_row(const protocol::QueueRow& row) const {
        std::string line = "QUEUE " + row.name;
        for (std::size_t at = 0; at < row.counts.size(); ++at) {
            if (row.counts[at] > 0) {
                line += " " + std::string(name(static_cast<TaskState>(at + 1))) + "=" +
                        text(row.counts[at]);
            }
        }
        return line;
    }
    [[nodiscard]] std::string describe_row(const protocol::WorkerRow& row) const {
        return "WORKER " + worker_name_(row.worker) + " leases=" + text(row.leases[0]) + "/" +
               text(row.slots[0]) + (row.draining ? " draining" : "") +
               " completed=" + text(row.completed);
    }
    [[nodiscard]] std::string describe_row(const protocol::BrokerRow& row) const {
        return "BROKER open=" + text(row.open_tasks) + " finished=" + text(row.finished_tasks) +
               " stale=" + text(row.stale_outcomes) + " refused=" + text(row.refused);
    }

    const WorkerName& worker_name_;
};

}  // namespace

std::vector<std::string> describe(const protocol::Message& message, const WorkerName& worker_name) {
    return std::visit(Describer(worker_name), message);
}

}  // namespace penstock::scenarios
