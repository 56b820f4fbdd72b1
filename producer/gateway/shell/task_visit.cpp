#include "producer/gateway/shell/task_visit.hpp"

#include <utility>

#include "common/protocol/value.hpp"
#include "producer/gateway/core/task_view.hpp"
#include "producer/gateway/shell/picture_reply.hpp"

namespace penstock::gateway {
namespace {

// The broker answers questions within a second, or is not there.
constexpr std::chrono::seconds answer_within{10};

}  // namespace

std::optional<Problem> TaskVisit::receive(ByteView) {
    return Problem{400, "unexpected_body", "this address takes no body"};
}

TimePoint TaskVisit::finish(std::shared_ptr<http::Caller> caller) {
    keep(std::move(caller));
    workshop_.broker.look_up(
        match_.task, [self = shared_from_this(), this](auto row) { found(std::move(row)); });
    return Instant::read().steady + answer_within;
}

void TaskVisit::found(const Result<std::optional<protocol::TaskRow>>& row) {
    if (!row) {
        answer(http::problem_reply(problem_of(row.error())));
        return;
    }
    if (!*row) {
        answer(http::problem_reply(problem_of(
            {ErrorCode::not_found, "the broker knows no such task, or has forgotten it"})));
        return;
    }
    const protocol::TaskRow& task = **row;
    if (match_.route == Route::task_result && is_final(task.state)) {
        queue();
        return;
    }
    const bool too_early = match_.route == Route::task_result;
    http::Reply reply = http::json_reply(too_early ? 202 : 200, task_json(task));
    reply.task = to_text(task.id);
    if (too_early) {
        reply.headers.emplace_back("Retry-After", "1");
    }
    answer(std::move(reply));
}

void TaskVisit::start() {
    workshop_.broker.client().await(
        {match_.task}, client::OnFinished([self = shared_from_this(), this](
                                              const TaskId&, const Result<TaskResult>& result) {
            workshop_.disk.add([self, this, result] { fetched(result); });
        }));
}

void TaskVisit::fetched(const Result<TaskResult>& result) {
    if (end()) {
        caller_->answer(result ? reply_of(*result)
                               : http::problem_reply(problem_of(result.error())));
    }
    leave();
}

http::Reply TaskVisit::reply_of(const TaskResult& result) const {
    if (result.state != TaskState::completed || result.error) {
        return http::problem_reply(problem_of(result));
    }
    if (!result.output.payload.empty()) {
        return picture_reply(result.output.payload.view(), result.id, workshop_.folder,
                             if_none_match_);
    }
    const Result<Value> value = value_from_msgpack(result.output.args.view());
    if (!value) {
        return http::problem_reply(problem_of({ErrorCode::internal, value.error().message}));
    }
    http::Reply reply = http::json_reply(200, json_from_value({{"result", *value}}));
    reply.task = to_text(result.id);
    return reply;
}

}  // namespace penstock::gateway
