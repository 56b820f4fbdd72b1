// One GET of /v1/tasks/ID or /v1/tasks/ID/result.
#pragma once

#include <memory>
#include <string>

#include "producer/gateway/core/routes.hpp"
#include "producer/gateway/shell/queued_visit.hpp"

namespace penstock::gateway {

// Thread rule: see QueuedVisit. Its place is for a result, which comes into memory whole.
class TaskVisit : public QueuedVisit {
  public:
    // `match` is of Route::task or Route::task_result.
    TaskVisit(const Workshop& workshop, const Match& match, std::string if_none_match)
        : QueuedVisit(workshop, workshop.fetches),
          match_(match),
          if_none_match_(std::move(if_none_match)) {}

    std::optional<Problem> receive(ByteView bytes) override;
    TimePoint finish(std::shared_ptr<http::Caller> caller) override;

  private:
    void found(const Result<std::optional<protocol::TaskRow>>& row);
    void start() override;
    void fetched(const Result<TaskResult>& result);
    [[nodiscard]] http::Reply reply_of(const TaskResult& result) const;

    const Match match_;
    const std::string if_none_match_;
};

}  // namespace penstock::gateway
