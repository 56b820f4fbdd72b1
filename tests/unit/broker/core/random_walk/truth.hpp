// What is true of the tasks, told by the journal's records and by what leaves the broker; and the
// list of what must not be.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "broker/core/record.hpp"
#include "common/protocol/message.hpp"

namespace penstock::broker::walk {

class Truth {
  public:
    struct TaskTruth {
        bool open = false;
        Sequence accepted = 0;  // of the first time, if it was forgotten and came again
        Sequence finished = 0;  // likewise
        std::size_t bytes = 0;
        Lease lease;  // the latest
        TaskState end = TaskState::queued;
    };

    void recorded(const Record& record, Sequence sequence);
    // Something leaves the broker while everything up to `durable` is safe.
    void told(const protocol::Message& message, Sequence durable);

    void fault(const std::string& what) { faults_.push_back(what); }
    [[nodiscard]] const std::vector<std::string>& faults() const { return faults_; }
    [[nodiscard]] const std::map<TaskId, TaskTruth>& tasks() const { return tasks_; }

    // The output of an attempt that ran under this lease; it proves which one was recorded.
    [[nodiscard]] static SharedBytes proof(const Lease& lease);

  private:
    void finished(const TaskFinished& record, Sequence sequence);
    void dispatched(const protocol::Dispatch& dispatch);

    std::map<TaskId, TaskTruth> tasks_;
    std::vector<std::string> faults_;
};

}  // namespace penstock::broker::walk
