#include "worker/core/obituaries.hpp"

#include <algorithm>
#include <utility>

#include "common/model/assert.hpp"

namespace penstock::worker {

void Obituaries::add(protocol::Obituary obituary) {
    PENSTOCK_ASSERT(kept_.empty() || kept_.back().number < obituary.number);
    kept_.push_back(std::move(obituary));
    if (kept_.size() > kept_max) {
        kept_.pop_front();
        told_ -= std::min<std::size_t>(told_, 1);
    }
}

void Obituaries::noted(std::uint64_t number) {
    const auto found = std::find_if(kept_.begin(), kept_.end(), [number](const auto& obituary) {
        return obituary.number == number;
    });
    if (found == kept_.end()) {
        return;
    }
    if (static_cast<std::size_t>(found - kept_.begin()) < told_) {
        --told_;
    }
    kept_.erase(found);
}

const protocol::Obituary* Obituaries::next_untold() const {
    return told_ < kept_.size() ? &kept_[told_] : nullptr;
}

void Obituaries::told() {
    PENSTOCK_ASSERT(told_ < kept_.size());
    ++told_;
}

}  // namespace penstock::worker
