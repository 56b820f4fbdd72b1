// How the failed attempts of open tasks went. Beside the tasks, since few of them have failed and
// all of them are many.
//
// Thread rule: belongs to the scheduler's thread.
#pragma once

#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "broker/core/record.hpp"
#include "broker/core/settings.hpp"
#include "broker/core/task.hpp"
#include "common/protocol/archive_messages.hpp"

namespace penstock::broker {

class AttemptHistories {
  public:
    // Keeps the latest reports_max of a task; and nothing more of anybody beyond reports_bytes_max.
    void add(TaskIndex task, protocol::AttemptReport report, const Settings& settings) {
        if (bytes_ >= settings.reports_bytes_max) {
            return;
        }
        std::vector<protocol::AttemptReport>& reports = of_[task];
        if (reports.size() >= settings.reports_max) {
            bytes_ -= size_bytes(reports.front());
            reports.erase(reports.begin());
        }
        bytes_ += size_bytes(report);
        reports.push_back(std::move(report));
    }
    // Oldest first. Valid until the next change.
    [[nodiscard]] std::span<const protocol::AttemptReport> of(TaskIndex task) const {
        const auto found = of_.find(task);
        return found == of_.end() ? std::span<const protocol::AttemptReport>() : found->second;
    }
    // The same; they are forgotten here.
    [[nodiscard]] std::vector<protocol::AttemptReport> take(TaskIndex task) {
        const auto found = of_.find(task);
        if (found == of_.end()) {
            return {};
        }
        std::vector<protocol::AttemptReport> reports = std::move(found->second);
        of_.erase(found);
        for (const protocol::AttemptReport& report : reports) {
            bytes_ -= size_bytes(report);
        }
        return reports;
    }
    [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

  private:
    std::unordered_map<TaskIndex, std::vector<protocol::AttemptReport>> of_;
    std::uint64_t bytes_ = 0;
};

}  // namespace penstock::broker
