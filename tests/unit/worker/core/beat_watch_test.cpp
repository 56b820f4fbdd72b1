#include "worker/core/beat_watch.hpp"

#include "tests/support/catch.hpp"

namespace penstock::worker {
namespace {

using std::chrono::seconds;

class Watched {
  public:
    Watched() {
        watch.look(now);
        watch.started(0, now);
    }
    // Looks once a second for so long; whether the process was found stuck.
    bool stands_for(int turns) {
        bool stuck = false;
        for (int i = 0; i < turns; ++i) {
            now += seconds(1);
            watch.look(now);
            stuck = watch.is_stuck(0, beats, now);
        }
        return stuck;
    }

    BeatWatch watch{1};
    TimePoint now{seconds(1'000)};
    std::uint64_t beats = 0;
};

TEST_CASE("a process whose beats stand for thirty seconds hangs") {
    Watched watched;
    watched.beats = 7;
    CHECK_FALSE(watched.stands_for(30));
    CHECK(watched.stands_for(1));
}

TEST_CASE("a process that never beat hangs thirty seconds after its start") {
    Watched watched;
    CHECK_FALSE(watched.stands_for(29));
    CHECK(watched.stands_for(1));
}

TEST_CASE("a process that beats now and then does not hang") {
    Watched watched;
    for (int i = 0; i < 10; ++i) {
        ++watched.beats;
        CHECK_FALSE(watched.stands_for(29));
    }
}

TEST_CASE("a pause of the watcher is not held against the processes") {
    Watched watched;
    CHECK_FALSE(watched.stands_for(20));
    watched.now += seconds(600);
    CHECK_FALSE(watched.stands_for(30));
    CHECK(watched.stands_for(1));
}

}  // namespace
}  // namespace penstock::worker
