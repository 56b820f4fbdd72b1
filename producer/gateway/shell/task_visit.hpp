// One GET of /v1/tasks/ID or /v1/tasks/ID/result.
#pragma once

#include <memory>
#include <string>

#include "producer/gateway/core/routes.hpp"
#include "producer/gateway/shell/workshop.hpp"

namespace penstock::gateway {

// Thread rule: see Visit. What it knows never changes, so nothing is locked.
class TaskVisit : public http::Visit, public std::enable_shared_from_this<TaskVisit> {
  public:
    // `match` is of Route::task or Route::task_result.
    TaskVisit(const Workshop& workshop, const Match& match, std::string if_none_match)
        : workshop_(workshop), match_(match), if_none_match_(std::move(if_none_match)) {}

    std::optional<Problem> receive(ByteView bytes) override;
    TimePoint finish(std::shared_ptr<http::Caller> caller) override;
    void run_late() override;
    void abandon() override {}

  private:
    void found(const Result<std::optional<protocol::TaskRow>>& row);
    void fetch();
    void fetched(const Result<TaskResult>& result);
    [[nodiscard]] http::Reply reply_of(const TaskResult& result) const;

    const Workshop& workshop_;
    const Match match_;
    const std::string if_none_match_;
    std::shared_ptr<http::Caller> caller_;
};

}  // namespace penstock::gateway
