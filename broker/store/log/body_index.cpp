#include "broker/store/log/body_index.hpp"

#include <algorithm>

#include "common/model/assert.hpp"

namespace penstock::broker {

void BodyIndex::add(const BodyPlace& place) {
    const std::lock_guard lock(mutex_);
    PENSTOCK_ASSERT(places_.empty() || places_.back() < place);
    places_.push_back(place);
}

std::vector<BodyPlace> BodyIndex::take_before(std::uint64_t segment) {
    const std::lock_guard lock(mutex_);
    const auto end = std::ranges::lower_bound(places_, BodyPlace{segment, 0});
    std::vector<BodyPlace> taken(places_.begin(), end);
    places_.erase(places_.begin(), end);
    return taken;
}

std::optional<BodyPlace> BodyIndex::next(const BodyPlace& from) const {
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::lower_bound(places_, from);
    const bool is_there = found != places_.end() && found->segment == from.segment;
    return is_there ? std::optional(*found) : std::nullopt;
}

}  // namespace penstock::broker
