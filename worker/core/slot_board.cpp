#include "worker/core/slot_board.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace penstock::worker {
namespace {

// Until a cancelled attempt that was not found running is looked at again.
constexpr Duration spare_for = std::chrono::milliseconds(10);

std::size_t index_of(SlotClass slot_class) {
    return static_cast<std::size_t>(slot_class);
}

}  // namespace

SlotBoard::SlotBoard(const std::array<std::uint32_t, slot_class_count>& slots)
    : slot_counts_(slots) {
    for (std::size_t slot_class = 0; slot_class < slot_class_count; ++slot_class) {
        for (std::uint32_t i = 0; i < slots[slot_class]; ++i) {
            slots_.push_back({static_cast<SlotClass>(slot_class), {}, {}});
        }
    }
}

void SlotBoard::wait_for_slot(Work work, SlotClass slot_class) {
    waiting_[index_of(slot_class)].push_back(std::move(work));
}

std::vector<HandOver> SlotBoard::hand_over(TimePoint now) {
    std::vector<HandOver> batches;
    for (std::size_t list_max = 0; list_max <= 1; ++list_max) {  // idle slots first
        for (SlotIndex index = 0; index < slots_.size(); ++index) {
            Slot& slot = slots_[index];
            std::deque<Work>& waiting = waiting_[index_of(slot.slot_class)];
            // One piece at a time for slots that wait: behind a long wait even tiny work is late.
            const bool ahead = list_max == 1 && slot.slot_class == SlotClass::cpu;
            if (waiting.empty() || slot.list.size() != list_max || (list_max == 1 && !ahead)) {
                continue;
            }
            const std::size_t slots = slot_counts_[index_of(slot.slot_class)];
            const std::size_t share =
                slot.slot_class == SlotClass::cpu ? (waiting.size() + slots - 1) / slots : 1;
            if (slot.list.empty()) {
                slot.first_since = now;
            }
            HandOver batch{index, {}};
            for (std::size_t i = 0; i < share; ++i) {
                Work& work = waiting.front();
                slot.list.push_back({work.lease, work.time_limit, Wanted::run, {}});
                batch.work.push_back(std::move(work));
                waiting.pop_front();
            }
            batches.push_back(std::move(batch));
        }
    }
    return batches;
}

std::vector<TakeBack> SlotBoard::share() {
    std::vector<TakeBack> requests;
    for (const Slot& idle : slots_) {
        if (!idle.list.empty() || !waiting_[index_of(idle.slot_class)].empty()) {
            continue;
        }
        // One piece per idle slot: what it leads to is at most 2 ms of work for all of them.
        for (SlotIndex index = 0; index < slots_.size(); ++index) {
            Slot& busy = slots_[index];
            if (busy.slot_class != idle.slot_class || busy.list.size() < 2 ||
                busy.list.back().wanted != Wanted::run) {
                continue;
            }
            busy.list.back().wanted = Wanted::elsewhere;
            requests.push_back({index, busy.list.back().lease});
            break;
        }
    }
    return requests;
}

std::deque<SlotBoard::Held>::iterator SlotBoard::find(Slot& slot, const Lease& lease) {
    return std::find_if(slot.list.begin(), slot.list.end(),
                        [&](const Held& held) { return held.lease == lease; });
}

void SlotBoard::remove(Slot& slot, std::deque<Held>::iterator held, TimePoint now) {
    if (held == slot.list.begin()) {
        slot.first_since = now;
    }
    slot.list.erase(held);
}

std::optional<Wanted> SlotBoard::finished(SlotIndex index, const Lease& lease, TimePoint now) {
    Slot& slot = slots_.at(index);
    const auto held = find(slot, lease);
    if (held == slot.list.end()) {
        return std::nullopt;
    }
    const Wanted wanted = held->wanted;
    remove(slot, held, now);
    return wanted;
}

std::optional<Wanted> SlotBoard::taken_back(SlotIndex index, Work work, TimePoint now) {
    const std::optional<Wanted> wanted = finished(index, work.lease, now);
    if (wanted == Wanted::elsewhere || wanted == Wanted::run) {
        waiting_[index_of(slots_[index].slot_class)].push_back(std::move(work));
    }
    return wanted;
}

std::optional<Work> SlotBoard::take_waiting(const Lease& lease) {
    for (std::deque<Work>& waiting : waiting_) {
        const auto found = std::find_if(waiting.begin(), waiting.end(),
                                        [&](const Work& work) { return work.lease == lease; });
        if (found != waiting.end()) {
            Work work = std::move(*found);
            waiting.erase(found);
            return work;
        }
    }
    return std::nullopt;
}

std::vector<Work> SlotBoard::take_all_waiting() {
    std::vector<Work> all;
    for (std::deque<Work>& waiting : waiting_) {
        std::move(waiting.begin(), waiting.end(), std::back_inserter(all));
        waiting.clear();
    }
    return all;
}

std::optional<TakeBack> SlotBoard::ask_back(const Lease& lease, Wanted wanted) {
    for (SlotIndex index = 0; index < slots_.size(); ++index) {
        const auto held = find(slots_[index], lease);
        if (held == slots_[index].list.end()) {
            continue;
        }
        if (held->wanted < wanted) {
            held->wanted = wanted;
        }
        return TakeBack{index, lease};
    }
    return std::nullopt;
}

std::vector<TakeBack> SlotBoard::ask_all_back(Wanted wanted) {
    std::vector<TakeBack> requests;
    for (SlotIndex index = 0; index < slots_.size(); ++index) {
        // From the end, so that the slot does not start what is about to be asked for.
        std::deque<Held>& list = slots_[index].list;
        for (auto held = list.rbegin(); held != list.rend(); ++held) {
            held->wanted = std::max(held->wanted, wanted);
            requests.push_back({index, held->lease});
        }
    }
    return requests;
}

void SlotBoard::stop_by(const Lease& lease, TimePoint deadline) {
    for (Slot& slot : slots_) {
        const auto held = find(slot, lease);
        if (held != slot.list.end() && !held->stop_deadline) {
            held->stop_deadline = deadline;
        }
    }
}

void SlotBoard::spare(SlotIndex index, TimePoint now) {
    Slot& slot = slots_.at(index);
    slot.first_since = now;
    if (!slot.list.empty() && slot.list.front().stop_deadline) {
        slot.list.front().stop_deadline = now + spare_for;
    }
}

std::optional<TimePoint> SlotBoard::deadline_of(const Slot& slot) {
    if (slot.list.empty()) {
        return std::nullopt;
    }
    const Held& first = slot.list.front();
    std::optional<TimePoint> deadline = first.stop_deadline;
    if (first.time_limit.count() > 0) {
        const TimePoint limit = slot.first_since + first.time_limit;
        deadline = deadline ? std::min(*deadline, limit) : limit;
    }
    return deadline;
}

std::vector<Doomed> SlotBoard::overdue(TimePoint now) const {
    std::vector<Doomed> doomed;
    for (SlotIndex index = 0; index < slots_.size(); ++index) {
        const auto deadline = deadline_of(slots_[index]);
        if (!deadline || *deadline > now) {
            continue;
        }
        const Held& first = slots_[index].list.front();
        const bool stopped = first.stop_deadline && *first.stop_deadline <= now;
        doomed.push_back(
            {index, first.lease,
             stopped ? protocol::Fate::being_cancelled : protocol::Fate::over_time_limit});
    }
    return doomed;
}

std::optional<TimePoint> SlotBoard::next_deadline() const {
    std::optional<TimePoint> next;
    for (const Slot& slot : slots_) {
        const auto deadline = deadline_of(slot);
        if (deadline && (!next || *deadline < *next)) {
            next = deadline;
        }
    }
    return next;
}

std::vector<Lease> SlotBoard::leases() const {
    std::vector<Lease> all;
    for (const Slot& slot : slots_) {
        for (const Held& held : slot.list) {
            all.push_back(held.lease);
        }
    }
    for (const std::deque<Work>& waiting : waiting_) {
        for (const Work& work : waiting) {
            all.push_back(work.lease);
        }
    }
    return all;
}

bool SlotBoard::empty() const {
    return std::all_of(slots_.begin(), slots_.end(),
                       [](const Slot& slot) { return slot.list.empty(); }) &&
           std::all_of(waiting_.begin(), waiting_.end(),
                       [](const std::deque<Work>& waiting) { return waiting.empty(); });
}

}  // namespace penstock::worker
