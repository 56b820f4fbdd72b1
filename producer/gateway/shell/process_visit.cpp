#include "producer/gateway/shell/process_visit.hpp"

#include <algorithm>
#include <utility>

#include "common/protocol/value.hpp"
#include "producer/gateway/core/numbers.hpp"

namespace penstock::gateway {

http::Reply accepted_reply(const std::vector<TaskId>& ids) {
    Value object = {{"state", "accepted"}};
    if (ids.size() == 1) {
        object["task"] = to_text(ids.front());
    } else {
        Value list = Value::array();
        for (const TaskId& id : ids) {
            list.push_back(to_text(id));
        }
        object["tasks"] = std::move(list);
    }
    http::Reply reply = http::json_reply(202, json_from_value(object));
    reply.task = to_text(ids.front());
    if (ids.size() == 1) {
        reply.headers.emplace_back("Location", "/v1/tasks/" + reply.task);
    }
    reply.headers.emplace_back("Preference-Applied", "respond-async");
    return reply;
}

ProcessVisit::ProcessVisit(const Workshop& workshop, Patience patience)
    : workshop_(workshop), patience_(patience), body_(workshop.folder, json_max_bytes) {}

TimePoint ProcessVisit::finish(std::shared_ptr<http::Caller> caller) {
    caller_ = std::move(caller);
    workshop_.submitting.add([self = shared_from_this()] { self->submit(); });
    // Nobody waits for an answer that is given at once, whatever the wait.
    return Instant::read().steady +
           (patience_.asynchronous ? workshop_.limits.wait : patience_.wait);
}

void ProcessVisit::submit() {
    {
        const std::lock_guard lock(mutex_);
        if (ended_) {
            return;
        }
    }
    const Answered<SharedBytes> body = body_.read();
    body_ = Spill(workshop_.folder, 0);  // the visit may live as long as its tasks
    if (!body) {
        fail(body.error());
        return;
    }
    const auto numbers = read_numbers(as_text(body->view()));
    if (!numbers) {
        fail(numbers.error());
        return;
    }
    if (numbers->empty()) {
        if (end()) {
            caller_->answer(http::json_reply(200, join_results({}).value()));
        }
        return;
    }
    hand_over(split_numbers(*numbers));
}

void ProcessVisit::hand_over(std::vector<SharedBytes> args) {
    std::vector<client::NewTask> tasks;
    tasks.reserve(args.size());
    {
        const std::lock_guard lock(mutex_);
        if (ended_) {
            return;
        }
        for (SharedBytes& part : args) {
            ids_.push_back(client::new_task_id());
            tasks.push_back({ids_.back(), {std::move(part), {}}});
        }
        results_.resize(ids_.size());
        open_ = ids_.size();
    }
    const client::Submission submission = submission_of("math.lcg");
    const auto self = shared_from_this();
    if (patience_.asynchronous) {
        workshop_.broker.client().submit(
            submission, std::move(tasks),
            client::OnAccepted([self](const TaskId&, Result<client::Receipt> receipt) {
                self->accepted(std::move(receipt));
            }));
        return;
    }
    workshop_.broker.client().run(
        submission, std::move(tasks),
        client::OnFinished([self](const TaskId& id, Result<TaskResult> result) {
            self->finished(id, std::move(result));
        }));
}

void ProcessVisit::accepted(Result<client::Receipt> receipt) {
    if (!receipt) {
        fail(problem_of(receipt.error()));
        return;
    }
    {
        const std::lock_guard lock(mutex_);
        if (ended_ || --open_ > 0) {
            return;
        }
        ended_ = true;
    }
    caller_->answer(accepted_reply(ids_));
}

void ProcessVisit::finished(const TaskId& id, Result<TaskResult> result) {
    if (!result) {
        fail(problem_of(result.error()));
        return;
    }
    if (result->state != TaskState::completed || result->error) {
        fail(problem_of(*result));
        return;
    }
    const std::lock_guard lock(mutex_);
    if (ended_) {
        return;
    }
    const auto index = static_cast<std::size_t>(std::ranges::find(ids_, id) - ids_.begin());
    results_[index] = std::move(*result);
    if (--open_ == 0) {
        workshop_.disk.add([self = shared_from_this()] { self->join(); });
    }
}

void ProcessVisit::join() {
    if (!end()) {
        return;
    }
    const Answered<std::string> joined = join_results(results_);
    http::Reply reply =
        joined ? http::json_reply(200, *joined) : http::problem_reply(joined.error());
    reply.task = to_text(ids_.front());
    caller_->answer(std::move(reply));
}

bool ProcessVisit::end() {
    const std::lock_guard lock(mutex_);
    return !std::exchange(ended_, true);
}

void ProcessVisit::fail(const Problem& problem) {
    if (end()) {
        workshop_.broker.cancel(ids_);
        caller_->answer(http::problem_reply(problem));
    }
}

void ProcessVisit::run_late() {
    if (!end()) {
        return;
    }
    if (ids_.empty()) {
        caller_->answer(http::problem_reply(not_started()));
        return;
    }
    caller_->answer(http::problem_reply(wait_over(ids_, patience_.wait)));
}

void ProcessVisit::abandon() {
    if (end()) {
        workshop_.broker.cancel(ids_);
    }
}

}  // namespace penstock::gateway
