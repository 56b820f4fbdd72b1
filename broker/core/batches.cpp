#include "broker/core/batches.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "common/protocol/limits.hpp"

namespace penstock::broker {
namespace {

// What the numbers and ids of one item take in a header frame, at most.
constexpr std::size_t item_bytes = 96;

std::size_t inline_bytes(const SharedBytes& part) {
    return part.size() <= protocol::inline_body_max_bytes ? part.size() : 0;
}

std::size_t header_bytes(const Body& body, std::size_t text_bytes) {
    return inline_bytes(body.args) + inline_bytes(body.payload) + text_bytes;
}

std::size_t text_bytes_of(const TaskResult& result) {
    return item_bytes + result.site.host.size() + (result.error ? result.error->message.size() : 0);
}

}  // namespace

bool BatchFill::has_room(const Body& body, std::size_t text_bytes) const {
    return count_ < settings_.batch_max &&
           bytes_ + body.size_bytes() <= settings_.batch_bytes_max &&
           header_bytes_ + header_bytes(body, text_bytes) <= settings_.header_bytes_max;
}

void BatchFill::add(const Body& body, std::size_t text_bytes) {
    ++count_;
    bytes_ += body.size_bytes();
    header_bytes_ += header_bytes(body, text_bytes);
}

void BatchFill::clear() {
    count_ = 0;
    bytes_ = 0;
    header_bytes_ = 0;
}

std::size_t Foresight::take() {
    const std::size_t count = std::min(share_, left_);
    left_ -= count;
    return count;
}

void Foresight::note(std::size_t count) {
    seen_ += count;
    sessions_ += count > 0 ? 1 : 0;
}

void Foresight::renew() {
    if (sessions_ > 0) {
        share_ = (seen_ + sessions_ - 1) / sessions_;
        left_ = seen_;
    }
    seen_ = sessions_ = 0;
}

void ResultBatches::open_batch() {
    // Those that follow will be as large as the one before.
    const std::size_t expected =
        batches_.empty() ? foresight_.take() : batches_.back().results.size();
    fill_.clear();
    batches_.emplace_back().results.reserve(std::min(expected, fill_.items_max()));
}

void ResultBatches::add(const Task& task) {
    if (batches_.empty() || batches_.back().results.size() >= fill_.items_max()) {
        open_batch();
    }
    // Where it is to be, as a rule: it is large.
    task.put_result(batches_.back().results.emplace_back());
    TaskResult* result = &batches_.back().results.back();
    if (batches_.back().results.size() > 1 &&
        !fill_.has_room(result->output, text_bytes_of(*result))) {
        TaskResult moved = std::move(*result);
        batches_.back().results.pop_back();
        open_batch();
        result = &batches_.back().results.emplace_back(std::move(moved));
    }
    fill_.add(result->output, text_bytes_of(*result));
    ++size_;
}

void WorkBatches::add(std::string_view type, std::string_view queue,
                      std::chrono::milliseconds time_limit, protocol::Assignment assignment) {
    // Counted for each task, though a group names them once.
    const std::size_t text_bytes = item_bytes + type.size() + queue.size();
    if (batches_.empty() || !fill_.has_room(assignment.body, text_bytes)) {
        batches_.emplace_back();
        fill_.clear();
    }
    fill_.add(assignment.body, text_bytes);
    group_for(type, queue, time_limit).tasks.push_back(std::move(assignment));
    ++size_;
}

protocol::DispatchGroup& WorkBatches::group_for(std::string_view type, std::string_view queue,
                                                std::chrono::milliseconds time_limit) {
    auto& groups = batches_.back().groups;
    if (groups.empty() || groups.back().type != type || groups.back().queue != queue ||
        groups.back().time_limit != time_limit) {
        groups.push_back({std::string(type), std::string(queue), time_limit, {}});
        // The first of all: as a rule, all that there are.
        if (size_ == 0) {
            groups.back().tasks.reserve(std::min(foresight_.take(), fill_.items_max()));
        }
    }
    return groups.back();
}

}  // namespace penstock::broker
