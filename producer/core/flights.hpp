// What is in flight: the SUBMITs that are sent and not fully answered, oldest first, and how much
// they hold together.
//
// Pure. Thread rule: owned by one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "common/model/ids.hpp"
#include "common/model/time.hpp"

namespace penstock::client {

struct Flight {
    std::uint64_t number = 0;
    TimePoint sent;
    std::vector<TaskId> ids;
    // What of it has no answer yet.
    std::size_t open_tasks = 0;
    std::size_t open_bytes = 0;
};

class Flights {
  public:
    // The number that the next departure gets.
    [[nodiscard]] std::uint64_t next_number() const { return next_number_; }
    void depart(std::vector<TaskId> ids, std::size_t bytes, TimePoint now);
    // One task of a flight has its answer.
    void land(std::uint64_t number, std::size_t bytes);

    // Removes and returns the flights that left at or before `time`, oldest first. They may name
    // tasks that have landed or left again: compare the number.
    [[nodiscard]] std::vector<Flight> take_sent_until(TimePoint time);
    [[nodiscard]] std::vector<Flight> take_all();

    // When the oldest one with an open task left.
    [[nodiscard]] std::optional<TimePoint> oldest() const;

    [[nodiscard]] std::size_t tasks() const { return tasks_; }
    [[nodiscard]] std::size_t bytes() const { return bytes_; }

  private:
    void drop_landed();
    void forget(const Flight& flight);

    // Numbers ascend without a gap, so that a number is an index.
    std::deque<Flight> flights_;
    std::uint64_t next_number_ = 0;
    std::size_t tasks_ = 0;
    std::size_t bytes_ = 0;
};

}  // namespace penstock::client
