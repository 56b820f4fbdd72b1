// Which workers serve which lanes.
#include <algorithm>

#include "broker/core/workers.hpp"
#include "common/model/assert.hpp"

namespace penstock::broker {

std::optional<SlotClass> Pool::class_of(TypeIndex type) const {
    const auto found =
        std::ranges::lower_bound(types, type, {}, [](const auto& t) { return t.first; });
    if (found == types.end() || found->first != type) {
        return std::nullopt;
    }
    return found->second;
}

SlotClass Pool::known_class_of(TypeIndex type) const {
    const std::optional<SlotClass> slot_class = class_of(type);
    PENSTOCK_ASSERT(slot_class.has_value());
    return *slot_class;
}

bool Pool::serves(std::string_view queue) const {
    return queues.empty() || std::ranges::find(queues, queue) != queues.end();
}

PoolIndex Workers::pool_for(const protocol::Join& join, Lanes& lanes) {
    std::vector<std::pair<TypeIndex, SlotClass>> types;
    types.reserve(join.types.size());
    for (const protocol::OfferedType& offered : join.types) {
        types.emplace_back(lanes.offer_type(offered.type), offered.slot_class);
    }
    std::ranges::sort(types);
    std::vector<std::string> queues = join.queues;
    std::ranges::sort(queues);
    for (PoolIndex index = 0; index < pools_.size(); ++index) {
        const Pool& pool = pools_[index];
        if (pool.workers > 0 && pool.types == types && pool.queues == queues) {
            return index;
        }
    }
    PoolIndex index = static_cast<PoolIndex>(pools_.size());
    if (unused_pools_.empty()) {
        pools_.emplace_back();
    } else {
        index = unused_pools_.back();
        unused_pools_.pop_back();
    }
    Pool& pool = pools_[index];
    pool.types = std::move(types);
    pool.queues = std::move(queues);
    for (Lane& lane : lanes.all()) {
        if (pool.class_of(lane.type) && pool.serves(lanes.queues()[lane.queue].name)) {
            lane.pools.push_back(index);
        }
    }
    return index;
}

void Workers::close_pool(PoolIndex index, Lanes& lanes) {
    for (Lane& lane : lanes.all()) {
        std::erase(lane.pools, index);
    }
    pools_[index] = {};
    unused_pools_.push_back(index);
}

void Workers::connect_lane(LaneIndex index, Lanes& lanes) const {
    Lane& lane = lanes[index];
    for (PoolIndex pool = 0; pool < pools_.size(); ++pool) {
        if (pools_[pool].class_of(lane.type) && pools_[pool].serves(lanes.queue_of(index).name)) {
            lane.pools.push_back(pool);
        }
    }
}

}  // namespace penstock::broker
