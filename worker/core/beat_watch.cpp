#include "worker/core/beat_watch.hpp"

namespace penstock::worker {

void BeatWatch::look(TimePoint now) {
    if (now - last_look_ >= own_pause) {
        for (Seen& seen : seen_) {
            seen.since = now;
        }
    }
    last_look_ = now;
}

bool BeatWatch::is_stuck(std::size_t number, std::uint64_t beats, TimePoint now) {
    Seen& seen = seen_.at(number);
    if (beats != seen.beats) {
        seen = {beats, now};
    }
    return now - seen.since >= stuck_after;
}

}  // namespace penstock::worker
