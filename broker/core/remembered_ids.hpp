// The bare ids of tasks that the broker has forgotten: so that none of them is taken for a new one.
//
// An id that says when it was made (UUIDv7) is in the bucket of that second. Buckets are dropped
// whole, the oldest first, when the window is over or there are too many ids; then the floor rises
// to the end of what was dropped, and an id below the floor may have been dropped, or not: nobody
// can tell. So each id that was ever put in here is in here or below the floor.
//
// Ids without a date are in buckets of the hour in which their tasks were forgotten. What is
// dropped of them is unknown from then on.
//
// Cost: at most about 25 bytes an id at ten million (measured: 23), a search
// in one small bucket; for an id without a date in some dozen. Nothing takes longer the more there
// are.
//
// Thread rule: belongs to the scheduler's thread.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "broker/core/id_set.hpp"
#include "broker/core/record.hpp"
#include "broker/core/settings.hpp"

namespace penstock::broker {

// Where records of remembered ids stand.
struct KeptIds {
    Sequence sequence = 0;
    std::uint32_t journal_kib = 0;  // of Books::journal_bytes when it was written
};

class RememberedIds {
  public:
    enum class Memory : std::uint8_t { none, in_memory, in_journal };

    // Settings::dedup_window holds to a 1440th. `hash_key` is random and known to nobody else
    // (keyed_hash.hpp).
    RememberedIds(const Settings& settings, std::uint64_t hash_key)
        : ids_max_(settings.dedup_ids_max),
          window_ms_(settings.dedup_window.count()),
          ahead_max_ms_(settings.dedup_ahead_max.count()),
          hash_{hash_key} {}
    RememberedIds(const RememberedIds&) = delete;
    RememberedIds& operator=(const RememberedIds&) = delete;

    // It is that late now. Drops what is over. The floor does not fall when the clock is set back;
    // only one that is further ahead than any id may be is set aside until the clock has come near
    // it, since one of both times is wrong, and all ids would be below the floor meanwhile.
    void advance(std::int64_t now_ms);
    // A floor of a former life; it is that late now. Drops what is below, if the floor is believed.
    void raise_floor(std::int64_t floor_ms, std::int64_t now_ms);

    // A task has been forgotten. `kept`: the record that says so; none if it is not journaled.
    // Returns false if the id is below the floor, and so is not remembered.
    bool remember(const TaskId& id, std::int64_t forgotten_at, std::optional<KeptIds> kept);
    // Makes the next remember() of this id faster, if others come before it.
    void prefetch(const TaskId& id) const;
    [[nodiscard]] Memory find(const TaskId& id) const;
    // Whether an id that is not in here may have been.
    [[nodiscard]] bool is_below_floor(const TaskId& id) const;
    // Unix milliseconds; 0 before the first advance().
    [[nodiscard]] std::int64_t floor_ms() const { return floor_ms_; }
    [[nodiscard]] std::uint64_t size() const { return size_; }

    // Whether the journal has to be told of the floor: something that it has was dropped, or was
    // not put in here, because of a floor that it does not know.
    [[nodiscard]] bool owes_floor() const { return owes_floor_ && floor_ms_ > told_floor_ms_; }
    // A record tells that floor. The last one is needed.
    void told_floor(std::int64_t floor_ms, const KeptIds& record);

    // The oldest record that is needed; nothing if none is. Cost: O(1), amortised.
    [[nodiscard]] std::optional<KeptIds> oldest_kept();
    // What that record is needed for, to be written again: ids and when they were forgotten; no
    // ids if for the floor only. They count as in no record until they are remembered() again.
    [[nodiscard]] TasksForgotten take_oldest();
    // About what all that is needed takes in a journal.
    [[nodiscard]] std::uint64_t journal_bytes() const;

  private:
    struct Bucket {
        IdSet in_journal;
        IdSet in_memory;
        Sequence kept_in = 0;           // its oldest record
        std::int64_t forgotten_at = 0;  // about; of the undated

        [[nodiscard]] std::size_t size() const { return in_journal.size() + in_memory.size(); }
    };
    // Seconds since 1970 for the dated; of the undated -1 for the first, -2, and so on.
    using Key = std::int64_t;
    struct Entry {
        KeptIds kept;
        Key bucket = 0;
    };

    [[nodiscard]] bool is_believed(std::int64_t floor_ms, std::int64_t now_ms) const;
    [[nodiscard]] Bucket* find_bucket(Key key);
    Bucket& bucket_for(const TaskId& id, std::int64_t forgotten_at, Key& key);
    // Its position.
    std::size_t undated_bucket(const TaskId& id, std::int64_t forgotten_at);
    [[nodiscard]] Memory find_in(const Bucket& bucket, const TaskId& id) const;
    void drop_below(std::int64_t dated_floor_ms);
    void drop_overdue_undated();
    void drop_too_many();
    void drop_oldest_dated();
    void drop_oldest_undated();
    void note_dropped(const Bucket& bucket);
    [[nodiscard]] bool is_needed(const Entry& entry);
    void drop_void_entries();

    std::uint64_t ids_max_;
    std::int64_t window_ms_;
    std::int64_t ahead_max_ms_;
    KeyedHash hash_;
    std::map<Key, Bucket> dated_;
    std::deque<Bucket> undated_;
    Key undated_dropped_ = 0;  // so many before undated_.front()
    // The bucket that was used last: most ids that are forgotten together were made together.
    std::map<Key, Bucket>::iterator last_used_ = dated_.end();
    std::uint64_t size_ = 0;
    std::uint64_t journaled_ = 0;
    std::int64_t floor_ms_ = 0;
    std::int64_t window_floor_ms_ = 0;  // without what was too many
    std::int64_t told_floor_ms_ = 0;
    std::int64_t set_aside_ms_ = 0;  // the highest floor that was not believed
    bool owes_floor_ = false;
    std::optional<KeptIds> floor_record_;
    std::deque<Entry> kept_;  // of buckets, oldest record first; some void
};

}  // namespace penstock::broker
