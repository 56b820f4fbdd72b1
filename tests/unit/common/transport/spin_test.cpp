#include "common/transport/spin.hpp"

#include "tests/support/catch.hpp"

namespace penstock::transport {
namespace {

constexpr int many = 160;

// In how many of `many` times it looked, at things that come at the `comes_at`th look, or never.
int looked(Spin& spin, int comes_at) {
    int times = 0;
    for (int n = 0; n < many; ++n) {
        int looks = 0;
        const bool came = spin.until([&] { return ++looks == comes_at; });
        CHECK(came == (looks == comes_at && looks > 0));
        times += looks > 0 ? 1 : 0;
    }
    return times;
}

constexpr int never = 0;

}  // namespace

TEST_CASE("who finds something soon looks each time") {
    if (!Spin::is_ever()) {
        WARN("not tested: on one core nobody spins");
        return;
    }
    Spin spin;
    CHECK(looked(spin, 2) > many / 2);
}

TEST_CASE("who looks in vain soon looks seldom, and again when it pays off again") {
    if (!Spin::is_ever()) {
        WARN("not tested: on one core nobody spins");
        return;
    }
    Spin spin;
    const int in_vain = looked(spin, never);
    CHECK(in_vain > 0);
    CHECK(in_vain < many / 8);
    CHECK(looked(spin, 2) > many / 2);
}

TEST_CASE("an answer that comes at once and then a pause, in turns, is worth looking for") {
    if (!Spin::is_ever()) {
        WARN("not tested: on one core nobody spins");
        return;
    }
    Spin spin;
    int found = 0;
    for (int n = 0; n < many; ++n) {
        int looks = 0;
        found += spin.until([&] { return ++looks == 2; }) ? 1 : 0;
        CHECK_FALSE(spin.until([] { return false; }));
    }
    // The kernel may have had something else to do at times.
    CHECK(found > many / 2);
}

TEST_CASE("where another thread keeps the core, nobody who would sleep waits in its queue") {
    if (!Spin::is_ever()) {
        WARN("not tested: on one core nobody spins");
        return;
    }
    const auto long_yield = [] {
        const auto end = std::chrono::steady_clock::now() + 2 * Spin::crowded;
        while (std::chrono::steady_clock::now() < end) {
        }
    };
    Spin spin;
    int looks = 0;
    // Once more after it, as that thread may have brought what is waited for.
    CHECK_FALSE(spin.until([&] { return ++looks > 2; }, long_yield));
    CHECK(looks == 2);
    looks = 0;
    CHECK(spin.until([&] { return ++looks == 2; }, long_yield));

    Spin before_work(Spin::Then::work);
    looks = 0;
    CHECK(before_work.until([&] { return ++looks == 3; }, long_yield));
}

TEST_CASE("nobody looks for much longer than the limit") {
    Spin spin;
    const auto begin = std::chrono::steady_clock::now();
    CHECK_FALSE(spin.until([] { return false; }));
    // The kernel may have had something else to do.
    CHECK(std::chrono::steady_clock::now() - begin < Spin::limit + std::chrono::seconds(5));
}

}  // namespace penstock::transport
