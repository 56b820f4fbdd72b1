// One POST /process: numbers in, tasks out, results joined in order.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "producer/gateway/core/accept.hpp"
#include "producer/gateway/shell/spill.hpp"
#include "producer/gateway/shell/workshop.hpp"

namespace penstock::gateway {

// Thread rule: see Visit; what comes from the client's thread and the jobs meets those calls under
// a mutex.
class ProcessVisit : public http::Visit, public std::enable_shared_from_this<ProcessVisit> {
  public:
    ProcessVisit(const Workshop& workshop, Patience patience);

    std::optional<Problem> receive(ByteView bytes) override { return body_.write(bytes); }
    TimePoint finish(std::shared_ptr<http::Caller> caller) override;
    void run_late() override;
    void abandon() override;

  private:
    void submit();
    void hand_over(std::vector<SharedBytes> args);
    void accepted(Result<client::Receipt> receipt);
    void finished(const TaskId& id, Result<TaskResult> result);
    void join();
    // Says so and cancels the tasks, unless it has ended already.
    void fail(const Problem& problem);
    // True for the one who may answer.
    [[nodiscard]] bool end();

    const Workshop& workshop_;
    const Patience patience_;
    Spill body_;
    std::shared_ptr<http::Caller> caller_;

    std::mutex mutex_;
    bool ended_ = false;  // answered, or nobody is there
    std::vector<TaskId> ids_;
    std::vector<TaskResult> results_;
    std::size_t open_ = 0;
};

// 202: the tasks are accepted, and may be asked for.
[[nodiscard]] http::Reply accepted_reply(const std::vector<TaskId>& ids);

}  // namespace penstock::gateway
