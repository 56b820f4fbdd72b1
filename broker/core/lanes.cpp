#include "broker/core/lanes.hpp"

#include <algorithm>

namespace penstock::broker {
namespace {

// Of `entries`: one that is not used any more, or a new one at the end.
template <typename Entry>
std::uint32_t new_position(std::deque<Entry>& entries, std::vector<std::uint32_t>& unused) {
    if (unused.empty()) {
        entries.emplace_back();
        return static_cast<std::uint32_t>(entries.size() - 1);
    }
    const std::uint32_t position = unused.back();
    unused.pop_back();
    return position;
}

}  // namespace

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
        if (fresh_.size() > 2 * tasks_ahead) {
            tasks.prefetch(fresh_[2 * tasks_ahead].task);
            tasks.prefetch_body(fresh_[tasks_ahead].task);
        }
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

void Lane::note_void(const TaskTable& tasks) {
    if (++void_max_ * 2 <= size()) {
        return;
    }
    const auto is_void = [&](const Entry& entry) { return !valid(entry, tasks); };
    std::erase_if(fresh_, is_void);
    std::erase_if(returned_, is_void);
    std::ranges::make_heap(returned_, later);
    void_max_ = 0;
}

TypeIndex Lanes::intern_type(std::string_view type) {
    const auto found = type_names_.find(type);
    if (found != type_names_.end()) {
        return found->second;
    }
    const TypeIndex index = new_position(types_, unused_types_);
    types_[index].name = type;
    type_names_.emplace(type, index);
    return index;
}

QueueIndex Lanes::intern_queue(std::string_view queue) {
    const auto found = queue_names_.find(queue);
    if (found != queue_names_.end()) {
        return found->second;
    }
    const QueueIndex index = new_position(queues_, unused_queues_);
    queues_[index].name = queue;
    queue_names_.emplace(queue, index);
    return index;
}

TypeIndex Lanes::offer_type(std::string_view type) {
    const TypeIndex index = intern_type(type);
    offered_types_ += types_[index].offered ? 0U : 1U;
    types_[index].offered = true;
    return index;
}

bool Lanes::is_offered(std::string_view type) const {
    const auto found = type_names_.find(type);
    return found != type_names_.end() && types_[found->second].offered;
}

std::optional<LaneIndex> Lanes::find(std::string_view type, std::string_view queue) const {
    const auto known_type = type_names_.find(type);
    const auto known_queue = queue_names_.find(queue);
    if (known_type == type_names_.end() || known_queue == queue_names_.end()) {
        return std::nullopt;
    }
    const auto lane = lane_names_.find({known_type->second, known_queue->second});
    return lane == lane_names_.end() ? std::nullopt : std::optional(lane->second);
}

std::optional<LaneIndex> Lanes::intern(std::string_view type, std::string_view queue,
                                       std::uint32_t lanes_max) {
    if (const std::optional<LaneIndex> known = find(type, queue)) {
        return known;
    }
    const std::optional<LaneIndex> index = unused_lane(lanes_max);
    if (!index) {
        return std::nullopt;
    }
    Lane& lane = lanes_[*index];
    lane.type = intern_type(type);
    lane.queue = intern_queue(queue);
    ++types_[lane.type].lanes;
    ++queues_[lane.queue].lanes;
    lane_names_.emplace(std::pair(lane.type, lane.queue), *index);
    return index;
}

std::optional<LaneIndex> Lanes::unused_lane(std::uint32_t lanes_max) {
    if (lanes_.size() < lanes_max) {
        lanes_.emplace_back();
        is_ready_.push_back(false);
        return static_cast<LaneIndex>(lanes_.size() - 1);
    }
    const auto unused = std::ranges::find(lanes_, 0U, &Lane::known_tasks);
    if (unused == lanes_.end()) {
        return std::nullopt;
    }
    clear_out(*unused);
    return static_cast<LaneIndex>(unused - lanes_.begin());
}

void Lanes::clear_out(Lane& lane) {
    lane_names_.erase({lane.type, lane.queue});
    QueueInfo& queue = queues_[lane.queue];
    if (--queue.lanes == 0) {
        queue_names_.erase(queue.name);
        queue = {};
        unused_queues_.push_back(lane.queue);
    }
    TypeInfo& type = types_[lane.type];
    if (--type.lanes == 0 && !type.offered) {
        type_names_.erase(type.name);
        type = {};
        unused_types_.push_back(lane.type);
    }
    lane = {};
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
