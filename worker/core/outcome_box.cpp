#include "worker/core/outcome_box.hpp"

#include <algorithm>
#include <utility>

namespace penstock::worker {
namespace {

// What an outcome adds to a message, from above.
struct Weight {
    std::size_t header_bytes = 0;
    std::size_t frame_bytes = 0;

    void add_body(std::size_t size, std::size_t inline_body_max) {
        (size <= inline_body_max ? header_bytes : frame_bytes) += size;
    }
};

Weight weight_of(const protocol::Outcome& outcome, std::size_t inline_body_max) {
    constexpr std::size_t fixed_fields_bytes = 64;  // id, numbers and their tags
    Weight weight{fixed_fields_bytes, 0};
    if (outcome.error) {
        weight.header_bytes += outcome.error->message.size();
    }
    weight.add_body(outcome.output.args.size(), inline_body_max);
    weight.add_body(outcome.output.payload.size(), inline_body_max);
    return weight;
}

}  // namespace

void OutcomeBox::settle(const std::vector<TaskId>& tasks) {
    for (const TaskId& task : tasks) {
        // The broker settles in the order of arrival, so this finds its outcome at the front.
        const auto sent_end = outcomes_.begin() + static_cast<std::ptrdiff_t>(sent_);
        const auto found = std::find_if(outcomes_.begin(), sent_end, [&](const auto& outcome) {
            return outcome.lease.task == task;
        });
        if (found != sent_end) {
            outcomes_.erase(found);
            --sent_;
        }
    }
}

void OutcomeBox::clear() {
    outcomes_.clear();
    sent_ = 0;
}

std::vector<protocol::OutcomeBatch> OutcomeBox::take_unsent(Epoch epoch) {
    std::vector<protocol::OutcomeBatch> batches;
    Weight total;
    for (; sent_ < outcomes_.size(); ++sent_) {
        const protocol::Outcome& outcome = outcomes_[sent_];
        const Weight weight = weight_of(outcome, limits_.inline_body_max);
        total.header_bytes += weight.header_bytes;
        total.frame_bytes += weight.frame_bytes;
        const bool full = batches.empty() || batches.back().outcomes.size() >= limits_.items_max ||
                          total.header_bytes > limits_.inline_bytes_max ||
                          total.header_bytes + total.frame_bytes > limits_.message_bytes_max;
        if (full) {
            batches.push_back({epoch, {}});
            if (batches.size() == 1) {  // of those that follow it is not known how large they get
                batches[0].outcomes.reserve(std::min(limits_.items_max, outcomes_.size() - sent_));
            }
            total = weight;
        }
        batches.back().outcomes.push_back(outcome);
    }
    return batches;
}

}  // namespace penstock::worker
