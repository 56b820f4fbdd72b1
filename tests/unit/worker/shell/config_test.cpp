#include "worker/shell/config.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "common/process/usable_cores.hpp"
#include "tests/support/catch.hpp"

namespace penstock::worker {
namespace {

std::optional<Config> read(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "penstock-worker");
    process::ExitCode exit = process::ExitCode::ok;
    auto config = read_config(static_cast<int>(arguments.size()), arguments.data(), exit);
    REQUIRE((config.has_value() || exit == process::ExitCode::usage));
    return config;
}

TEST_CASE("without options: a broker beside it, a process per core, one cpu and four wait slots") {
    const auto config = read({});
    REQUIRE(config);
    REQUIRE(config->broker.text == "tcp://127.0.0.1:5751");
    REQUIRE(config->processes == process::usable_cores());
    REQUIRE(config->cpu_slots == 1);
    REQUIRE(config->wait_slots == 4);
    REQUIRE(config->queues.empty());
    REQUIRE(config->drain_timeout == std::chrono::seconds(30));
    REQUIRE(config->metrics == "127.0.0.1:9751");
    REQUIRE(config->role == Role::supervisor);
}

TEST_CASE("options are read") {
    const auto config =
        read({"--broker", "ipc:///run/penstock.sock", "--processes", "3", "--threads", "2",
              "--queues", "a,b", "--label", "zone=b", "--label", "gpu=no", "--drain-timeout", "5s",
              "--metrics", "off", "--log-level", "debug"});
    REQUIRE(config);
    REQUIRE(config->broker.text == "ipc:///run/penstock.sock");
    REQUIRE(config->processes == 3);
    REQUIRE(config->cpu_slots == 2);
    REQUIRE(config->queues == std::vector<std::string>{"a", "b"});
    REQUIRE(config->labels == std::vector<std::string>{"zone=b", "gpu=no"});
    REQUIRE(config->drain_timeout == std::chrono::seconds(5));
    REQUIRE_FALSE(config->metrics);
    REQUIRE(config->log_level == telemetry::Level::debug);
}

TEST_CASE("a broker on another machine needs --insecure") {
    REQUIRE_FALSE(read({"--broker", "tcp://10.0.0.5:5751"}));
    REQUIRE(read({"--broker", "tcp://10.0.0.5:5751", "--insecure"}));
}

TEST_CASE("what makes no sense is a usage error") {
    REQUIRE_FALSE(read({"--broker", "http://example.org"}));
    REQUIRE_FALSE(read({"--processes", "0"}));
    REQUIRE_FALSE(read({"--processes", "many"}));
    REQUIRE_FALSE(read({"--processes", "2x"}));
    REQUIRE_FALSE(read({"--threads", "10000"}));
    for (const char* metrics : {"9751", "nonsense", "127.0.0.1:1,0.0.0.0:2", "*:9751", "h:0"}) {
        REQUIRE_FALSE(read({"--metrics", metrics}));
    }
    REQUIRE_FALSE(read({"--queues", "a b"}));
    REQUIRE_FALSE(read({"--label", "zone"}));
    REQUIRE_FALSE(read({"--label", "=b"}));
    REQUIRE_FALSE(read({"--drain-timeout", "soon"}));
    REQUIRE_FALSE(read({"--log-level", "loud"}));
    REQUIRE_FALSE(read({"--role", "king"}));
}

// What the handlers' option said last.
std::vector<std::string> words_taken;

Result<void> take(const std::vector<std::string>& values) {
    words_taken = values;
    return values == std::vector<std::string>{"bad"} ? fail(ErrorCode::malformed, "it is bad")
                                                     : Result<void>();
}

std::optional<Config> read_with_option(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "penstock-worker");
    process::ExitCode exit = process::ExitCode::ok;
    auto config = read_config(static_cast<int>(arguments.size()), arguments.data(), exit,
                              {{"--dish", "NAME=PARTS", "what is on the menu", take}});
    REQUIRE((config.has_value() || exit == process::ExitCode::usage));
    return config;
}

constexpr const char* soup = R"(soup=["/a","b,c","{d}","a \" b"])";
constexpr const char* salad = R"(salad=["/a"])";

TEST_CASE("an option of the handlers is read like the worker's own, brackets and all") {
    REQUIRE(read_with_option({"--dish", soup, "--dish", salad, "--processes", "1"}));
    REQUIRE(words_taken == std::vector<std::string>{soup, salad});
    REQUIRE(read_with_option({}));
    REQUIRE(words_taken.empty());
    setenv("PENSTOCK_WORKER_DISH", soup, 1);
    REQUIRE(read_with_option({}));
    REQUIRE(words_taken == std::vector<std::string>{soup});
    unsetenv("PENSTOCK_WORKER_DISH");
    REQUIRE_FALSE(read_with_option({"--dish", "bad"}));
}

TEST_CASE("an option of the handlers may stand in the file, once or as a list") {
    const auto file = std::filesystem::temp_directory_path() / "penstock_config_test.toml";
    const std::string path = file.string();
    const std::string first = R"(soup=["/a","b,c","{d}"])";
    std::ofstream(file) << "[worker]\ndish = '" << first << "'\n";
    REQUIRE(read_with_option({"--config", path.c_str()}));
    REQUIRE(words_taken == std::vector<std::string>{first});
    std::ofstream(file) << "[worker]\ndish = ['" << first << "', '" << salad << "']\n";
    REQUIRE(read_with_option({"--config", path.c_str()}));
    REQUIRE(words_taken == std::vector<std::string>{first, salad});
    std::filesystem::remove(file);
}

TEST_CASE("the supervisor's children are told their role, unseen by the help") {
    const auto config = read({"--role", "process", "--process-number", "3"});
    REQUIRE(config);
    REQUIRE(config->role == Role::process);
    REQUIRE(config->process_number == 3);
    std::ostringstream help;
    std::streambuf* before = std::cout.rdbuf(help.rdbuf());
    process::ExitCode exit = process::ExitCode::error;
    const char* arguments[] = {"penstock-worker", "--help"};
    REQUIRE_FALSE(read_config(2, arguments, exit));
    std::cout.rdbuf(before);
    REQUIRE(exit == process::ExitCode::ok);
    REQUIRE(help.str().find("--drain-timeout") != std::string::npos);
    REQUIRE(help.str().find("--role") == std::string::npos);
}

}  // namespace
}  // namespace penstock::worker
