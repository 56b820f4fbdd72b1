#include "producer/cli/doctor/grace.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"

namespace penstock::cli::doctor {
namespace {

using Catch::Matchers::ContainsSubstring;
using std::chrono::milliseconds;
using std::chrono::seconds;

Grace grace(milliseconds drain, std::optional<milliseconds> stop) {
    return {"penstock-worker", drain, stop, "here"};
}

TEST_CASE("a service that is killed before it has drained is found, and what to set is said") {
    CHECK(judge_grace(grace(seconds(30), seconds(40))).verdict == Verdict::ok);
    CHECK(judge_grace(grace(seconds(30), seconds(35))).verdict == Verdict::ok);
    CHECK(judge_grace(grace(seconds(30), seconds(32))).verdict == Verdict::warn);
    CHECK(judge_grace(grace(seconds(30), std::nullopt)).verdict == Verdict::ok);
    const Finding killed = judge_grace(grace(seconds(60), seconds(40)));
    CHECK(killed.verdict == Verdict::fail);
    CHECK_THAT(killed.advice, ContainsSubstring("TimeoutStopSec=65"));
}

TEST_CASE("times are read as systemd has them") {
    CHECK(parse_time_span("40") == seconds(40));
    CHECK(parse_time_span("1min 30s") == seconds(90));
    CHECK(parse_time_span("1min30s") == seconds(90));
    CHECK(parse_time_span("500ms") == milliseconds(500));
    CHECK(parse_time_span("2h") == seconds(7200));
    CHECK_FALSE(parse_time_span("infinity"));
    CHECK_FALSE(parse_time_span("40 parsecs"));
}

TEST_CASE("without a unit nothing is said of one") {
    const TemporaryFolder root;
    CHECK_FALSE(grace_of_unit(root.path(), "penstock-worker", seconds(30)));
}

TEST_CASE("a unit has the last word of its file and drop-ins, the administrator's file first") {
    const TemporaryFolder root;
    root.write("usr/lib/systemd/system/penstock-worker.service",
               "[Service]\nExecStart=/usr/bin/penstock-worker\nTimeoutStopSec=40\n");
    auto found = grace_of_unit(root.path(), "penstock-worker", seconds(30));
    REQUIRE(found);
    CHECK(found->drain == seconds(30));
    CHECK(found->stop == seconds(40));

    root.write("etc/systemd/system/penstock-worker.service.d/stop.conf",
               "[Service]\nTimeoutStopSec=2min\n");
    CHECK(grace_of_unit(root.path(), "penstock-worker", seconds(30))->stop == seconds(120));

    root.write("etc/systemd/system/penstock-worker.service",
               "[Service]\n# TimeoutStopSec=1\nExecStart=/opt/penstock-worker\n");
    root.write("etc/systemd/system/penstock-worker.service.d/stop.conf", "");
    found = grace_of_unit(root.path(), "penstock-worker", seconds(30));
    REQUIRE(found);
    CHECK(found->stop == seconds(90));
    CHECK_THAT(found->source, ContainsSubstring("etc/systemd/system"));
}

TEST_CASE("the drain is that of the service: a flag, or else its environment") {
    const TemporaryFolder root;
    const auto drain = [&] {
        return grace_of_unit(root.path(), "penstock-gateway", seconds(30))->drain;
    };
    const auto unit = [&](const std::string& start) {
        root.write(
            "lib/systemd/system/penstock-gateway.service",
            "[Service]\nEnvironmentFile=-/etc/default/penstock-gateway\nExecStart=" + start + "\n");
    };
    unit("/usr/bin/penstock-gateway --data /var/lib/penstock-gateway");
    CHECK(drain() == seconds(30));
    root.write("etc/default/penstock-gateway", "PENSTOCK_GATEWAY_DRAIN_TIMEOUT=\"50s\"\n");
    CHECK(drain() == seconds(50));
    unit("/usr/bin/penstock-gateway --drain-timeout 10s");
    CHECK(drain() == seconds(10));
    unit("/usr/bin/penstock-gateway --drain-timeout=2m");
    CHECK(drain() == seconds(120));
}

}  // namespace
}  // namespace penstock::cli::doctor
