#include "broker/core/lanes.hpp"

#include <algorithm>

namespace penstock::broker {

std::uint64_t QueueInfo::open_tasks() const {
    std::uint64_t open = 0;
    for (std::uint8_t number = 1; number <= task_state_count; ++number) {
        if (!is_final(static_cast<TaskState>(number))) {
            open += counts[number - 1U];
        }
    }
    return open;
}

void Lane::push(TaskIndex task, std::uint64_t ticket) {
    if (fresh_.empty() || fresh_.back().ticket < ticket) {
        fresh_.push_back({task, ticket});
        return;
    }
    returned_.push_back({task, ticket});
    std::ranges::push_heap(returned_, later);
}

bool Lane::valid(const Entry& entry, const TaskTable& tasks) {
    if (!tasks.used(entry.task)) {
        return false;
    }
    const Task& task = tasks[entry.task];
    return task.ticket == entry.ticket && task.state() == TaskState::queued && !task.suspect;
}

bool Lane::returned_first() const {
    return !returned_.empty() &&
           (fresh_.empty() || returned_.front().ticket < fresh_.front().ticket);
}

std::optional<TaskIndex> Lane::front(const TaskTable& tasks) {
    while (!fresh_.empty() || !returned_.empty()) {
        const Entry entry = returned_first() ? returned_.front() : fresh_.front();
        if (valid(entry, tasks)) {
            return entry.task;
        }
        pop();
    }
    return std::nullopt;
}

void Lane::pop() {
    if (returned_first()) {
        std::ranges::pop_heap(returned_, later);
        returned_.pop_back();
        return;
    }
    fresh_.pop_front();
}

TypeIndex Lanes::intern_type(std::string_view type) {
    const auto found = type_names_.find(type);
    if (found != type_names_.end()) {
        return found->second;
    }
    const auto index = static_cast<TypeIndex>(types_.size());
    types_.push_back(TypeInfo{std::string(type)});
    type_names_.emplace(type, index);
    return index;
}

std::optional<LaneIndex> Lanes::intern(std::string_view type, std::string_view queue,
                                       std::uint32_t lanes_max) {
    const auto known_type = type_names_.find(type);
    const auto known_queue = queue_names_.find(queue);
    if (known_type != type_names_.end() && known_queue != queue_names_.end()) {
        const auto lane = lane_names_.find({known_type->second, known_queue->second});
        if (lane != lane_names_.end()) {
            return lane->second;
        }
    }
    if (lanes_.size() >= lanes_max) {
        return std::nullopt;
    }
    const TypeIndex type_index = intern_type(type);
    QueueIndex queue_index = static_cast<QueueIndex>(queues_.size());
    if (known_queue != queue_names_.end()) {
        queue_index = known_queue->second;
    } else {
        queues_.push_back(QueueInfo{std::string(queue)});
        queue_names_.emplace(queue, queue_index);
    }
    const auto index = static_cast<LaneIndex>(lanes_.size());
    lanes_.emplace_back();
    lanes_.back().type = type_index;
    lanes_.back().queue = queue_index;
    is_ready_.push_back(false);
    lane_names_.emplace(std::pair(type_index, queue_index), index);
    return index;
}

void Lanes::mark_ready(LaneIndex lane) {
    if (!is_ready_[lane]) {
        is_ready_[lane] = true;
        ready_.push_back(lane);
    }
}

void Lanes::unmark_ready(std::size_t position) {
    lanes_[ready_[position]].unserved_since.reset();
    is_ready_[ready_[position]] = false;
    ready_[position] = ready_.back();
    ready_.pop_back();
}

}  // namespace penstock::broker
