#include "producer/gateway/shell/jobs.hpp"

#include <future>
#include <memory>
#include <string>
#include <utility>

#include "tests/support/catch.hpp"

namespace penstock::gateway {
namespace {

TEST_CASE("one thread does its jobs in order") {
    std::string done;
    std::promise<void> last;
    Jobs jobs(1);
    for (const char name : {'a', 'b', 'c'}) {
        jobs.add([&done, name] { done += name; });
    }
    jobs.add([&last] { last.set_value(); });
    last.get_future().wait();
    REQUIRE(done == "abc");
}

TEST_CASE("stopping drops the jobs that wait, then waits for the one that runs") {
    std::promise<void> running;
    std::promise<void> others_dropped;
    bool ended = false;
    // Released with the job that holds it. The job that runs ends only after that: were the others
    // kept until it has ended, this test would never end.
    std::shared_ptr<void> witness(nullptr, [&](void*) { others_dropped.set_value(); });
    Jobs jobs(1);
    jobs.add([&] {
        running.set_value();
        others_dropped.get_future().wait();
        ended = true;
    });
    jobs.add([held = std::move(witness)] { FAIL("it was to be dropped"); });
    running.get_future().wait();
    jobs.stop();
    REQUIRE(ended);
    const auto late = std::make_shared<int>(0);
    jobs.add([late] { FAIL("it came too late"); });
    REQUIRE(late.use_count() == 1);
}

}  // namespace
}  // namespace penstock::gateway
