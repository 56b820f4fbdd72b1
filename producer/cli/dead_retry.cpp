#include <fmt/format.h>
#include <future>
#include <utility>

#include "producer/cli/archive_access.hpp"
#include "producer/cli/commands.hpp"

namespace penstock::cli {
namespace {

constexpr const char* dead_retry_examples = R"(
# as a new task, whose id it prints
$ penstock dead retry 01890a5d-ac96-774b-bcce-b302099a8057
…
# all of a type that died within a day
$ penstock dead retry --all --type math.double --since 1d
…
)";
constexpr const char* dead_retry_remarks =
    "The dead task stays what it is; a new one with its arguments, payload and options takes its\n"
    "place. `dead ls` no longer shows it then, but with --retried. Said again after it was\n"
    "interrupted, it goes on where it was: no task is retried twice.";

void describe_dead_retry(CLI::App& command, DeadChoiceFlags& options) {
    describe_dead_choice(command, options);
    process::add_examples(command, {dead_retry_examples, dead_retry_remarks});
}

// Retries one part of the chosen after the other.
class Retrying {
  public:
    Retrying(client::Client& client, const Globals& globals, const Output& output)
        : client_(client), globals_(globals), output_(output) {}

    // Errors: what concerns no single task.
    Result<void> retry(std::vector<TaskId> ids) {
        std::vector<TaskId> retry_ids(ids.size());
        for (TaskId& id : retry_ids) {
            id = client::new_task_id();
        }
        // Claimed first: whoever retries the same task now is given the same id, and a task that
        // is submitted twice under one id runs once.
        Result<Fetched> claimed =
            fetch_archived(client_, globals_, std::move(ids), std::move(retry_ids));
        if (!claimed) {
            return tl::unexpected(claimed.error());
        }
        for (const TaskId& id : claimed->missing) {
            complain(no_such_dead(id));
        }
        return mark(submit(claimed->tasks));
    }
    [[nodiscard]] int status() const { return exit_status(worst_); }

  private:
    struct Pending {
        const protocol::ArchivedTask* task;
        std::future<Result<client::Receipt>> receipt;
    };

    void complain(const Error& error) {
        static_cast<void>(report(output_, error));
        worst_ = graver(worst_, exit_code(error.code));
    }

    // Those that have been accepted.
    std::vector<TaskId> submit(std::vector<protocol::ArchivedTask>& tasks) {
        std::vector<Pending> pending;
        for (protocol::ArchivedTask& task : tasks) {
            if (task.state != TaskState::dead || !task.retry_id) {
                complain({ErrorCode::conflict, fmt::format("task {} is not dead, it is {}",
                                                           to_text(task.id), name(task.state))});
            } else if (task.retried_at > 0) {
                complain(
                    {ErrorCode::conflict, fmt::format("task {} has been retried, as {}",
                                                      to_text(task.id), to_text(*task.retry_id))});
            } else {
                const client::Submission submission{task.type, task.queue, task.options};
                pending.push_back(
                    {&task, client_.submit(submission, {*task.retry_id, std::move(task.body)})});
            }
        }
        std::vector<TaskId> accepted;
        for (Pending& one : pending) {
            const Result<client::Receipt> receipt =
                wait_for_answer(std::move(one.receipt), globals_);
            if (receipt) {
                accepted.push_back(one.task->id);
                print(*one.task);
            } else {
                complain(
                    {receipt.error().code, to_text(one.task->id) + ": " + receipt.error().message});
            }
        }
        return accepted;
    }

    Result<void> mark(std::vector<TaskId> accepted) {
        if (accepted.empty()) {
            return {};
        }
        protocol::ArchiveRequest request;
        request.action = protocol::ArchiveAction::retried;
        request.ids = std::move(accepted);
        const auto reply = ask_archive(client_, globals_, std::move(request));
        return reply ? Result<void>() : tl::unexpected(reply.error());
    }

    void print(const protocol::ArchivedTask& task) const {
        if (output_.json()) {
            output_.value({{"id", to_text(task.id)}, {"retry_id", to_text(*task.retry_id)}});
        } else {
            output_.line(to_text(*task.retry_id));
        }
    }

    client::Client& client_;
    const Globals& globals_;
    const Output& output_;
    ExitCode worst_ = ExitCode::ok;
};

int run_dead_retry(const DeadChoiceFlags& options, const Globals& globals, const Output& output) {
    Result<Connected> broker = connect(globals);
    if (!broker) {
        return report(output, broker.error());
    }
    Retrying retrying(broker->client, globals, output);
    const Result<void> done =
        for_chosen(options, broker->client, globals,
                   [&](std::vector<TaskId> ids) { return retrying.retry(std::move(ids)); });
    return done ? retrying.status() : report(output, done.error());
}

}  // namespace

void add_dead_retry(CLI::App& noun, Selection& selection) {
    add_command<DeadChoiceFlags>(noun, selection, "retry", "Submit dead tasks again, as new ones",
                                 describe_dead_retry, run_dead_retry);
}

}  // namespace penstock::cli
