// One POST /process: numbers in, tasks out, results joined in order.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "producer/gateway/shell/spill.hpp"
#include "producer/gateway/shell/work_visit.hpp"

namespace penstock::gateway {

// Thread rule: see QueuedVisit.
class ProcessVisit : public WorkVisit {
  public:
    ProcessVisit(const Workshop& workshop, Patience patience);

    std::optional<Problem> receive(ByteView bytes) override { return body_.write(bytes); }
    TimePoint finish(std::shared_ptr<http::Caller> caller) override;

  private:
    void start() override;
    void drop_body() override;
    [[nodiscard]] http::Reply reply_of(const std::vector<TaskResult>& results) const override;

    Spill body_;
};

}  // namespace penstock::gateway
