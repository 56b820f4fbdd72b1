#include "broker/shell/config.hpp"

#include <cstdlib>

#include "tests/support/catch.hpp"

namespace penstock::broker {
namespace {

std::optional<Config> read(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "penstock-broker");
    process::ExitCode exit = process::ExitCode::ok;
    auto config = read_config(static_cast<int>(arguments.size()), arguments.data(), exit);
    REQUIRE((config.has_value() || exit == process::ExitCode::usage));
    return config;
}

TEST_CASE("without options: this machine, with the documented limits") {
    const auto config = read({});
    REQUIRE(config);
    CHECK(config->frontends.at(0).text == "tcp://127.0.0.1:5750");
    CHECK(config->backends.at(0).text == "tcp://127.0.0.1:5751");
    CHECK(config->settings.results_bytes_max == std::uint64_t{256} << 20U);
}

TEST_CASE("options are read, with their units") {
    const auto config = read({"--frontend", "ipc:///run/front.sock", "--heartbeat", "200ms",
                              "--liveness", "2s", "--body-max", "1MiB", "--results-max", "64MiB"});
    REQUIRE(config);
    CHECK(config->frontends.at(0).text == "ipc:///run/front.sock");
    CHECK(config->settings.heartbeat == std::chrono::milliseconds(200));
    CHECK(config->settings.liveness == std::chrono::seconds(2));
    CHECK(config->settings.body_max_bytes == std::uint64_t{1} << 20U);
    CHECK(config->settings.results_bytes_max == std::uint64_t{64} << 20U);
}

TEST_CASE("a folder that is named and empty is refused: somebody believes in a journal") {
    CHECK_FALSE(read({"--data", ""}));
    CHECK(read({"--data", "here"})->data == "here");
    CHECK(read({})->data == "penstock-data");
    CHECK_FALSE(read({})->memory);
    CHECK(read({"--memory"})->memory);
}

TEST_CASE("the journal's files have whole blocks, and neither too few nor too many") {
    CHECK(read({"--segment-size", "1MiB"})->log.segment_bytes == std::uint64_t{1} << 20U);
    CHECK(read({"--segment-size", "100001B"})->log.segment_bytes == 98'304);
    CHECK_FALSE(read({"--segment-size", "63KiB"}));
    CHECK_FALSE(read({"--segment-size", "2GiB"}));
    CHECK(read({"--disk-reserve", "0"})->log.reserve_bytes == 0);
}

TEST_CASE("every option has its variable in the environment") {
    REQUIRE(::setenv("PENSTOCK_BROKER_QUEUE_TASKS_MAX", "7", 1) == 0);  // NOLINT
    const auto config = read({});
    REQUIRE(::unsetenv("PENSTOCK_BROKER_QUEUE_TASKS_MAX") == 0);  // NOLINT
    REQUIRE(config);
    CHECK(config->settings.queue_tasks_max == 7);
}

TEST_CASE("an endpoint that others can reach needs --insecure") {
    CHECK_FALSE(read({"--backend", "tcp://0.0.0.0:5751"}));
    CHECK(read({"--backend", "tcp://0.0.0.0:5751", "--insecure"}));
}

TEST_CASE("a heartbeat that leaves no time for anything else is refused") {
    CHECK_FALSE(read({"--heartbeat", "0"}));
    CHECK_FALSE(read({"--heartbeat", "9ms"}));
    CHECK(read({"--heartbeat", "10ms"}));
}

TEST_CASE("a liveness under two heartbeats and a body over the wire's limit are refused") {
    CHECK_FALSE(read({"--heartbeat", "1s", "--liveness", "1500ms"}));
    CHECK_FALSE(read({"--body-max", "33MiB"}));
    CHECK_FALSE(read({"--log-level", "loud"}));
}

TEST_CASE("ids are remembered for a minute at least, and some of them") {
    CHECK(read({})->settings.dedup_window == std::chrono::hours(24));
    CHECK(read({})->settings.dedup_ids_max == 10'000'000);
    CHECK(read({"--dedup-window", "1m"})->settings.dedup_window == std::chrono::minutes(1));
    CHECK_FALSE(read({"--dedup-window", "59s"}));
    CHECK_FALSE(read({"--dedup-window", "3651d"}));
    CHECK(read({"--dedup-ids-max", "1000"})->settings.dedup_ids_max == 1'000);
    CHECK_FALSE(read({"--dedup-ids-max", "999"}));
}

}  // namespace
}  // namespace penstock::broker
