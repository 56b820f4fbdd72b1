#include "tests/unit/broker/core/random_walk/truth.hpp"

namespace penstock::broker::walk {

SharedBytes Truth::proof(const Lease& lease) {
    return SharedBytes::copy_of(to_text(lease.task) + " " + std::to_string(lease.attempt) + " " +
                                std::to_string(lease.nonce));
}

void Truth::recorded(const Record& record, Sequence sequence) {
    if (const auto* accepted = std::get_if<TaskAccepted>(&record)) {
        TaskTruth& task = tasks_[accepted->id];
        if (task.open) {
            fault(to_text(accepted->id) + " was accepted twice");
        }
        task.open = true;
        task.bytes = accepted->body.size_bytes();
        task.accepted = task.accepted == 0 ? sequence : task.accepted;
        task.lease = {};
    } else if (const auto* end = std::get_if<TaskFinished>(&record)) {
        finished(*end, sequence);
    }
}

void Truth::finished(const TaskFinished& record, Sequence sequence) {
    const TaskResult& result = record.result;
    const std::string name = to_text(result.id);
    TaskTruth& task = tasks_[result.id];
    if (!task.open) {
        fault(name + " ended twice, or before it was accepted");
    }
    if (!is_final(result.state)) {
        fault(name + " ended in a state that is not final");
    }
    if (result.state == TaskState::completed && result.output.args != proof(task.lease)) {
        fault(name + ": an outcome was recorded that is not of the latest lease");
    }
    task.open = false;
    task.end = result.state;
    task.finished = task.finished == 0 ? sequence : task.finished;
}

void Truth::dispatched(const protocol::Dispatch& dispatch) {
    for (const protocol::DispatchGroup& group : dispatch.groups) {
        for (const protocol::Assignment& assignment : group.tasks) {
            TaskTruth& task = tasks_[assignment.lease.task];
            if (!task.open) {
                fault(to_text(assignment.lease.task) + " was given out after its end");
            }
            if (assignment.lease.attempt != task.lease.attempt + 1) {
                fault(to_text(assignment.lease.task) + ": an attempt has the wrong number");
            }
            if (assignment.body.size_bytes() != task.bytes) {
                fault(to_text(assignment.lease.task) + " was given out without its body");
            }
            task.lease = assignment.lease;
        }
    }
}

void Truth::told(const protocol::Message& message, Sequence durable) {
    if (const auto* dispatch = std::get_if<protocol::Dispatch>(&message)) {
        dispatched(*dispatch);
    } else if (const auto* receipt = std::get_if<protocol::Receipt>(&message)) {
        for (const TaskId& id : receipt->ids) {
            if (tasks_[id].accepted == 0 || tasks_[id].accepted > durable) {
                fault(to_text(id) + ": a receipt left before the task was durable");
            }
        }
    } else if (const auto* results = std::get_if<protocol::ResultBatch>(&message)) {
        for (const TaskResult& result : results->results) {
            if (tasks_[result.id].finished == 0 || tasks_[result.id].finished > durable) {
                fault(to_text(result.id) + ": a result left before it was durable");
            }
        }
    }
}

}  // namespace penstock::broker::walk
