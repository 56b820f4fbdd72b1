#include "broker/core/remembered_ids.hpp"

#include <algorithm>
#include <utility>

namespace penstock::broker {
namespace {

constexpr std::int64_t second_ms = 1'000;
constexpr std::int64_t hour_ms = 3'600'000;
// The floor rises in steps, as each may cost a record.
constexpr std::int64_t floor_steps = 1'440;
// Undated ids go into another bucket after this share of all, so that those do not go at once.
constexpr std::uint64_t undated_share = 32;
// What a record takes beside its ids, and each id, with a little to spare: were it less than what
// it takes to write it again, there would be no end to that.
constexpr std::uint64_t kept_record_bytes = 100;
constexpr std::uint64_t kept_id_bytes = 20;

}  // namespace

void RememberedIds::advance(std::int64_t now_ms) {
    if (!is_believed(floor_ms_, now_ms)) {
        set_aside_ms_ = std::max(set_aside_ms_, floor_ms_);
        floor_ms_ = window_floor_ms_ = told_floor_ms_ = 0;
    }
    if (set_aside_ms_ > 0 && is_believed(set_aside_ms_, now_ms)) {
        raise_floor(std::exchange(set_aside_ms_, 0), now_ms);
        owes_floor_ = true;
    }
    const std::int64_t step = std::max<std::int64_t>(window_ms_ / floor_steps, 1);
    const std::int64_t floor = (now_ms - window_ms_) / step * step;
    if (floor > window_floor_ms_) {
        window_floor_ms_ = floor;
        drop_overdue_undated();
        raise_floor(floor, now_ms);
    }
}

bool RememberedIds::is_believed(std::int64_t floor_ms, std::int64_t now_ms) const {
    return floor_ms <= now_ms + ahead_max_ms_;
}

void RememberedIds::raise_floor(std::int64_t floor_ms, std::int64_t now_ms) {
    if (!is_believed(floor_ms, now_ms)) {
        set_aside_ms_ = std::max(set_aside_ms_, floor_ms);
    } else if (floor_ms > floor_ms_) {
        floor_ms_ = floor_ms;
        drop_below(floor_ms);
    }
}

bool RememberedIds::remember(const TaskId& id, std::int64_t forgotten_at,
                             std::optional<KeptIds> kept) {
    if (is_below_floor(id)) {
        owes_floor_ = owes_floor_ || kept.has_value();
        return false;
    }
    Key key = 0;
    Bucket& bucket = bucket_for(id, forgotten_at, key);
    IdSet& ids = kept ? bucket.in_journal : bucket.in_memory;
    if (ids.insert(id, hash_)) {
        ++size_;
        journaled_ += kept ? 1 : 0;
    }
    if (kept && bucket.kept_in == 0) {
        bucket.kept_in = kept->sequence;
        kept_.push_back({*kept, key});
    }
    drop_too_many();
    return true;
}

void RememberedIds::prefetch(const TaskId& id) const {
    // Those of one turn are nearly all in one bucket.
    if (last_used_ != dated_.end() && is_dated(id)) {
        last_used_->second.in_journal.prefetch(id, hash_);
        last_used_->second.in_memory.prefetch(id, hash_);
    }
}

RememberedIds::Memory RememberedIds::find(const TaskId& id) const {
    if (is_dated(id)) {
        const auto bucket = dated_.find(created_unix_ms(id) / second_ms);
        return bucket == dated_.end() ? Memory::none : find_in(bucket->second, id);
    }
    for (const Bucket& bucket : undated_) {
        if (const Memory found = find_in(bucket, id); found != Memory::none) {
            return found;
        }
    }
    return Memory::none;
}

bool RememberedIds::is_below_floor(const TaskId& id) const {
    return is_dated(id) && created_unix_ms(id) < floor_ms_;
}

void RememberedIds::told_floor(std::int64_t floor_ms, const KeptIds& record) {
    told_floor_ms_ = std::min(floor_ms, floor_ms_);
    owes_floor_ = owes_floor_ && told_floor_ms_ < floor_ms_;
    floor_record_ = record;
}

std::optional<KeptIds> RememberedIds::oldest_kept() {
    drop_void_entries();
    if (kept_.empty() || (floor_record_ && floor_record_->sequence < kept_.front().kept.sequence)) {
        return floor_record_;
    }
    return kept_.front().kept;
}

TasksForgotten RememberedIds::take_oldest() {
    drop_void_entries();
    TasksForgotten taken;
    taken.floor_ms = floor_ms_;
    if (kept_.empty() || (floor_record_ && floor_record_->sequence < kept_.front().kept.sequence)) {
        return taken;
    }
    Bucket& bucket = *find_bucket(kept_.front().bucket);
    kept_.pop_front();
    bucket.kept_in = 0;
    taken.forgotten_at = bucket.forgotten_at;
    taken.ids = bucket.in_journal.all();
    return taken;
}

std::uint64_t RememberedIds::journal_bytes() const {
    return journaled_ * kept_id_bytes + (kept_.size() + 1) * kept_record_bytes;
}

RememberedIds::Bucket* RememberedIds::find_bucket(Key key) {
    if (key < 0) {
        const Key at = -1 - key - undated_dropped_;
        return at < 0 ? nullptr : &undated_[static_cast<std::size_t>(at)];
    }
    const auto bucket = dated_.find(key);
    return bucket == dated_.end() ? nullptr : &bucket->second;
}

RememberedIds::Bucket& RememberedIds::bucket_for(const TaskId& id, std::int64_t forgotten_at,
                                                 Key& key) {
    if (!is_dated(id)) {
        const std::size_t at = undated_bucket(id, forgotten_at);
        key = -1 - undated_dropped_ - static_cast<Key>(at);
        return undated_[at];
    }
    key = created_unix_ms(id) / second_ms;
    if (last_used_ == dated_.end() || last_used_->first != key) {
        last_used_ = dated_.try_emplace(key).first;
    }
    return last_used_->second;
}

std::size_t RememberedIds::undated_bucket(const TaskId& id, std::int64_t forgotten_at) {
    // One that is written again stays where it is, or it would be counted twice and never go.
    for (std::size_t at = 0; at < undated_.size(); ++at) {
        if (find_in(undated_[at], id) != Memory::none) {
            return at;
        }
    }
    // A clock that was set back opens no new ones.
    if (undated_.empty() || undated_.back().size() > ids_max_ / undated_share ||
        forgotten_at / hour_ms > undated_.back().forgotten_at / hour_ms) {
        undated_.emplace_back().forgotten_at = forgotten_at;
    }
    return undated_.size() - 1;
}

RememberedIds::Memory RememberedIds::find_in(const Bucket& bucket, const TaskId& id) const {
    if (bucket.in_journal.contains(id, hash_)) {
        return Memory::in_journal;
    }
    return bucket.in_memory.contains(id, hash_) ? Memory::in_memory : Memory::none;
}

void RememberedIds::drop_below(std::int64_t dated_floor_ms) {
    while (!dated_.empty() && (dated_.begin()->first + 1) * second_ms <= dated_floor_ms) {
        drop_oldest_dated();
    }
}

void RememberedIds::drop_overdue_undated() {
    while (!undated_.empty() &&
           (undated_.front().forgotten_at / hour_ms + 1) * hour_ms <= window_floor_ms_) {
        drop_oldest_undated();
    }
}

void RememberedIds::drop_too_many() {
    while (size_ > ids_max_) {
        const bool dated_is_older =
            undated_.empty() ||
            (!dated_.empty() && dated_.begin()->first * second_ms <= undated_.front().forgotten_at);
        if (dated_is_older) {
            floor_ms_ = std::max(floor_ms_, (dated_.begin()->first + 1) * second_ms);
            drop_oldest_dated();
        } else {
            drop_oldest_undated();
        }
    }
}

void RememberedIds::drop_oldest_dated() {
    const auto oldest = dated_.begin();
    owes_floor_ = owes_floor_ || !oldest->second.in_journal.empty();
    note_dropped(oldest->second);
    last_used_ = last_used_ == oldest ? dated_.end() : last_used_;
    dated_.erase(oldest);
}

void RememberedIds::drop_oldest_undated() {
    note_dropped(undated_.front());
    undated_.pop_front();
    ++undated_dropped_;
}

void RememberedIds::note_dropped(const Bucket& bucket) {
    size_ -= bucket.size();
    journaled_ -= bucket.in_journal.size();
}

bool RememberedIds::is_needed(const Entry& entry) {
    const Bucket* const bucket = find_bucket(entry.bucket);
    return bucket != nullptr && bucket->kept_in == entry.kept.sequence;
}

void RememberedIds::drop_void_entries() {
    while (!kept_.empty() && !is_needed(kept_.front())) {
        kept_.pop_front();
    }
    // Behind one that is needed they are removed when they are half of all.
    if (kept_.size() > 2 * (dated_.size() + undated_.size()) + 64) {
        std::erase_if(kept_, [this](const Entry& entry) { return !is_needed(entry); });
    }
}

}  // namespace penstock::broker
