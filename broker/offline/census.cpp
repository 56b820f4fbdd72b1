#include "broker/offline/census.hpp"

#include <numeric>

namespace penstock::broker::offline {

void Census::take(const Record& record, Sequence sequence) {
    ++records_.at(static_cast<std::size_t>(kind_of(record)));
    first_ = first_ == 0 ? sequence : first_;
    last_ = sequence;
    // As a broker understands it (broker/core/recovery.hpp): a task that is accepted again is open
    // again, and what is about a task that no record has accepted is left over.
    if (const auto* accepted = std::get_if<TaskAccepted>(&record)) {
        bool& is_finished = tasks_[accepted->id];
        finished_ -= is_finished ? 1U : 0U;
        is_finished = false;
        return;
    }
    if (const auto* finished = std::get_if<TaskFinished>(&record)) {
        const auto task = tasks_.find(finished->result.id);
        if (task != tasks_.end() && !task->second) {
            task->second = true;
            ++finished_;
        }
    }
}

void Census::take(const Life& life) {
    ++records_.at(static_cast<std::size_t>(RecordKind::life));
    life_ = life;
}

std::uint64_t Census::records() const {
    const std::uint64_t all = std::accumulate(records_.begin(), records_.end(), std::uint64_t{0});
    return all - records(RecordKind::life);
}

}  // namespace penstock::broker::offline
