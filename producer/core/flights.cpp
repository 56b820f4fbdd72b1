#include "producer/core/flights.hpp"

#include <iterator>
#include <utility>

#include "common/model/assert.hpp"

namespace penstock::client {

void Flights::depart(std::vector<TaskId> ids, std::size_t bytes, TimePoint now) {
    tasks_ += ids.size();
    bytes_ += bytes;
    const std::size_t count = ids.size();
    flights_.push_back({next_number_++, now, std::move(ids), count, bytes});
}

void Flights::land(std::uint64_t number, std::size_t bytes) {
    PENSTOCK_ASSERT(!flights_.empty() && number >= flights_.front().number);
    Flight& flight = flights_.at(static_cast<std::size_t>(number - flights_.front().number));
    PENSTOCK_ASSERT(flight.open_tasks > 0 && flight.open_bytes >= bytes);
    --flight.open_tasks;
    flight.open_bytes -= bytes;
    --tasks_;
    bytes_ -= bytes;
    drop_landed();
}

std::vector<Flight> Flights::take_sent_until(TimePoint time) {
    std::vector<Flight> taken;
    while (!flights_.empty() && flights_.front().sent <= time) {
        forget(flights_.front());
        taken.push_back(std::move(flights_.front()));
        flights_.pop_front();
    }
    drop_landed();
    return taken;
}

std::vector<Flight> Flights::take_all() {
    std::vector<Flight> taken(std::make_move_iterator(flights_.begin()),
                              std::make_move_iterator(flights_.end()));
    flights_.clear();
    tasks_ = 0;
    bytes_ = 0;
    return taken;
}

std::optional<TimePoint> Flights::oldest() const {
    if (flights_.empty()) {
        return std::nullopt;
    }
    return flights_.front().sent;
}

void Flights::drop_landed() {
    while (!flights_.empty() && flights_.front().open_tasks == 0) {
        flights_.pop_front();
    }
}

void Flights::forget(const Flight& flight) {
    tasks_ -= flight.open_tasks;
    bytes_ -= flight.open_bytes;
}

}  // namespace penstock::client
