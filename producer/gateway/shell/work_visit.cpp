#include "producer/gateway/shell/work_visit.hpp"

#include <algorithm>
#include <utility>

#include "common/protocol/value.hpp"

namespace penstock::gateway {
namespace {

// 202: the tasks are accepted, and may be asked for.
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

}  // namespace

TimePoint WorkVisit::wait_for_place() {
    // Nobody waits for an answer that is given at once, whatever the wait.
    const auto wait = patience_.asynchronous ? workshop_.limits.wait : patience_.wait;
    const TimePoint until = Instant::read().steady + wait;
    queue();
    return until;
}

void WorkVisit::hand_over(const char* type, std::vector<client::NewTask> tasks) {
    bool ended = false;
    {
        const std::lock_guard lock(mutex_);
        ended = ended_;
        if (!ended) {
            for (const client::NewTask& task : tasks) {
                ids_.push_back(task.id);
            }
            unaccepted_ = open_ = tasks.size();
        }
    }
    if (ended) {
        leave();
        return;
    }
    const auto self = shared_from_this();
    client::OnAccepted on_accepted = [self, this](const TaskId& id,
                                                  const Result<client::Receipt>& receipt) {
        accepted(id, receipt);
    };
    client::Client& client = workshop_.broker.client();
    client::Submission submission = workshop_.broker.submission_of(type);
    if (patience_.asynchronous) {
        client.submit(std::move(submission), std::move(tasks), std::move(on_accepted));
        return;
    }
    client.run(std::move(submission), std::move(tasks), std::move(on_accepted),
               client::OnFinished([self, this](const TaskId&, Result<TaskResult> result) {
                   finished(std::move(result));
               }));
}

void WorkVisit::accepted(const TaskId& id, const Result<client::Receipt>& receipt) {
    if (receipt) {
        note_receipt(id);
    } else if (patience_.asynchronous) {
        fail(problem_of(receipt.error()));
    }
    // Where the end is awaited, finished() is told, too.
    if (patience_.asynchronous && count_down()) {
        leave();
    }
}

void WorkVisit::note_receipt(const TaskId& id) {
    std::vector<TaskId> ids;
    bool unwanted = false;
    {
        const std::lock_guard lock(mutex_);
        unwanted = unwanted_;
        --unaccepted_;
        if (unaccepted_ == 0 && !ended_ && (patience_.asynchronous || late_)) {
            ended_ = true;
            ids = std::exchange(ids_, {});
            results_ = std::vector<TaskResult>();  // clear() would keep the memory
        }
    }
    if (unwanted) {
        // The cancelling may have been at the broker before the task.
        workshop_.broker.cancel({id});
    }
    if (!ids.empty()) {
        caller_->answer(patience_.asynchronous
                            ? accepted_reply(ids)
                            : http::problem_reply(wait_over(ids, patience_.wait)));
    }
}

void WorkVisit::finished(Result<TaskResult> result) {
    if (!result) {
        fail(problem_of(result.error()));
    } else if (result->state != TaskState::completed || result->error) {
        fail(problem_of(*result));
    } else {
        const std::lock_guard lock(mutex_);
        if (!ended_) {
            results_.push_back(std::move(*result));
        }
    }
    if (count_down()) {
        workshop_.disk.add([self = shared_from_this(), this] { conclude(); });
    }
}

bool WorkVisit::count_down() {
    const std::lock_guard lock(mutex_);
    return --open_ == 0;
}

// The visit lives until the reply is sent, which may take long, and the results go before it.
void WorkVisit::conclude() {
    std::vector<TaskResult> results;
    {
        const std::lock_guard lock(mutex_);
        results.swap(results_);
    }
    if (end()) {
        std::ranges::sort(results, {}, [this](const TaskResult& result) {
            return std::ranges::find(ids_, result.id) - ids_.begin();
        });
        http::Reply reply = reply_of(results);
        reply.task = to_text(ids_.front());
        caller_->answer(std::move(reply));
    }
    results.clear();
    leave();
}

void WorkVisit::fail(const Problem& problem) {
    std::string task;
    bool are_others = false;
    {
        const std::lock_guard lock(mutex_);
        if (std::exchange(ended_, true)) {
            return;
        }
        task = to_text(ids_.front());
        are_others = open_ > 1;
    }
    if (are_others) {
        cancel_all();
    }
    http::Reply reply = http::problem_reply(problem);
    reply.task = std::move(task);
    caller_->answer(std::move(reply));
}

void WorkVisit::cancel_all() {
    std::vector<TaskId> ids;
    {
        const std::lock_guard lock(mutex_);
        unwanted_ = true;
        ids = std::exchange(ids_, {});
        results_ = std::vector<TaskResult>();
    }
    workshop_.broker.cancel(ids);
}

void WorkVisit::stop_work() {
    cancel_all();
}

std::optional<TimePoint> WorkVisit::be_late() {
    std::vector<TaskId> ids;
    bool handed_over = false;
    {
        const std::lock_guard lock(mutex_);
        if (ended_) {
            return std::nullopt;
        }
        handed_over = !ids_.empty();
        if (handed_over && unaccepted_ > 0 && !std::exchange(late_, true)) {
            return Instant::read().steady + receipt_grace;
        }
        ended_ = true;
        if (unaccepted_ == 0) {
            ids = std::exchange(ids_, {});
            results_ = std::vector<TaskResult>();
        }
    }
    if (!handed_over) {
        caller_->answer(http::problem_reply(not_started()));
    } else if (!ids.empty()) {
        caller_->answer(http::problem_reply(wait_over(std::move(ids), patience_.wait)));
    } else {
        cancel_all();
        caller_->answer(http::problem_reply(not_accepted()));
    }
    return std::nullopt;
}

}  // namespace penstock::gateway
