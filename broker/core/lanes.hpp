// What waits to run, and in which order. A lane holds the queued tasks of one queue and one type,
// so that a type without free slots never holds up another; the dispatcher takes the lowest ticket
// over all lanes that can run, which keeps acceptance order.
//
// Invariant: an entry is valid while its task is queued with the same ticket. Others are void: they
// are skipped when they come to the front, or removed when they are half of all, so cancelling
// costs O(1), amortised.
//
// Thread rule: belongs to the scheduler's thread.
#pragma once

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/core/task.hpp"
#include "broker/core/task_table.hpp"

namespace penstock::broker {

using TypeIndex = std::uint32_t;
using QueueIndex = std::uint32_t;
using PoolIndex = std::uint32_t;

struct QueueInfo {
    std::string name;
    std::array<std::uint64_t, task_state_count> counts{};  // by state number, from 1
    std::uint64_t bytes = 0;                               // of the bodies of open tasks
    std::uint32_t lanes = 0;                               // of it; 0: the position is unused

    [[nodiscard]] std::uint64_t open_tasks() const;
};

struct TypeInfo {
    std::string name;
    bool offered = false;    // some worker has run it since the broker started
    bool measured = false;   // average_us means something
    bool succeeded = false;  // and is of successes, no longer of failures
    double average_us = 0;   // moving average of run times
    std::uint32_t lanes = 0;
};

class Lane {
  public:
    TypeIndex type = 0;
    QueueIndex queue = 0;
    std::uint64_t known_tasks = 0;  // open or finished
    std::vector<PoolIndex> pools;   // worker pools that serve it
    // Since when tasks have waited although there are workers and none has ever offered the type.
    std::optional<TimePoint> unserved_since;
    // Has tasks of a former life: who runs them may come back later than others.
    bool recovered = false;

    // Adds at the place that the ticket gives: new tickets at the end, older ones before.
    void push(TaskIndex task, std::uint64_t ticket);
    // The valid entry with the lowest ticket, or nothing.
    [[nodiscard]] std::optional<TaskIndex> front(const TaskTable& tasks);
    // Calls visit(TaskIndex) for the front, and then for others about in their order, until it
    // returns false. Requires: front() gave something since the last push or pop.
    template <typename Visit>
    void visit_next(const TaskTable& tasks, const Visit& visit) const {
        const auto goes_on = [&](const Entry& entry) {
            return !valid(entry, tasks) || visit(entry.task);
        };
        // A heap begins with its first entry.
        const bool returned_before = returned_first();
        static_cast<void>((!returned_before || std::ranges::all_of(returned_, goes_on)) &&
                          std::ranges::all_of(fresh_, goes_on) &&
                          (returned_before || std::ranges::all_of(returned_, goes_on)));
    }
    // Requires: front() gave something since the last push or pop.
    void pop();
    // A task has left the line from its middle.
    void note_void(const TaskTable& tasks);
    // Void entries are counted, too.
    [[nodiscard]] std::size_t size() const { return fresh_.size() + returned_.size(); }

  private:
    struct Entry {
        TaskIndex task;
        std::uint64_t ticket;
    };
    static bool later(const Entry& a, const Entry& b) { return a.ticket > b.ticket; }
    static bool valid(const Entry& entry, const TaskTable& tasks);
    [[nodiscard]] bool returned_first() const;

    std::deque<Entry> fresh_;      // ascending tickets
    std::vector<Entry> returned_;  // heap of entries that came back
    std::size_t void_max_ = 0;     // at most so many are void
};

class Lanes {
  public:
    [[nodiscard]] std::optional<LaneIndex> find(std::string_view type,
                                                std::string_view queue) const;
    // The lane of this name, made if need be. When there are `lanes_max`, one that has no tasks
    // makes room, and with it the names that nobody else uses; nothing if there is none.
    // Cost: O(lanes) then.
    [[nodiscard]] std::optional<LaneIndex> intern(std::string_view type, std::string_view queue,
                                                  std::uint32_t lanes_max);
    // A worker runs this type: its position stays for the broker's life.
    TypeIndex offer_type(std::string_view type);
    [[nodiscard]] bool is_offered(std::string_view type) const;
    [[nodiscard]] std::size_t offered_types() const { return offered_types_; }

    [[nodiscard]] Lane& operator[](LaneIndex lane) { return lanes_[lane]; }
    [[nodiscard]] const Lane& operator[](LaneIndex lane) const { return lanes_[lane]; }
    [[nodiscard]] QueueInfo& queue_of(LaneIndex lane) { return queues_[lanes_[lane].queue]; }
    [[nodiscard]] TypeInfo& type_of(LaneIndex lane) { return types_[lanes_[lane].type]; }
    [[nodiscard]] TypeInfo& type(TypeIndex type) { return types_[type]; }
    [[nodiscard]] std::deque<Lane>& all() { return lanes_; }
    [[nodiscard]] const std::deque<QueueInfo>& queues() const { return queues_; }
    [[nodiscard]] const std::deque<TypeInfo>& types() const { return types_; }

    // The lanes that may have something ready; the dispatcher drops those that turn out empty.
    void mark_ready(LaneIndex lane);
    [[nodiscard]] std::vector<LaneIndex>& ready() { return ready_; }
    // The lane at this position of ready() has nothing that waits.
    void unmark_ready(std::size_t position);

  private:
    TypeIndex intern_type(std::string_view type);
    QueueIndex intern_queue(std::string_view queue);
    [[nodiscard]] std::optional<LaneIndex> unused_lane(std::uint32_t lanes_max);
    void clear_out(Lane& lane);

    std::deque<Lane> lanes_;
    std::deque<QueueInfo> queues_;
    std::deque<TypeInfo> types_;
    std::map<std::string, TypeIndex, std::less<>> type_names_;
    std::map<std::string, QueueIndex, std::less<>> queue_names_;
    std::map<std::pair<TypeIndex, QueueIndex>, LaneIndex> lane_names_;
    std::vector<TypeIndex> unused_types_;
    std::vector<QueueIndex> unused_queues_;
    std::size_t offered_types_ = 0;
    std::vector<LaneIndex> ready_;
    std::vector<bool> is_ready_;
};

}  // namespace penstock::broker
