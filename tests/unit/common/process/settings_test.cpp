#include "common/process/settings.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/support/catch.hpp"

namespace penstock::process {
namespace {

struct SetWheel {
    SetWheel() : app("Turns the wheel", "penstock-wheel") {
        apply_conventions(app, "wheel", {});
        app.add_option("--spokes", spokes, "How many spokes")->capture_default_str();
        app.add_option("--rim", rims, "Rims; may be repeated")->capture_default_str();
        app.add_option("--owner", owner, "Whose it is");
        app.add_flag("--wet", wet, "Under water");
        app.add_option("--secret-role", spokes)->group("");
        add_duration(app, "--turn-time", turn_time, "How long a turn takes");
    }
    std::vector<Setting> settings(std::vector<const char*> arguments) {
        arguments.insert(arguments.begin(), "penstock-wheel");
        REQUIRE_FALSE(parse(app, static_cast<int>(arguments.size()), arguments.data()));
        return settings_of(app);
    }

    int spokes = 8;
    std::vector<std::string> rims{"iron", "oak"};
    std::string owner;
    bool wet = false;
    std::chrono::milliseconds turn_time{30'000};
    CLI::App app;
};

TEST_CASE("what nobody has set is a default, in the order of the help") {
    const std::vector<Setting> settings = SetWheel().settings({});
    CHECK(settings == std::vector<Setting>{{"spokes", {"8"}},
                                           {"rim", {"iron", "oak"}, true},
                                           {"owner", {}},
                                           {"wet", {"false"}},
                                           {"turn-time", {"30s"}}});
}

TEST_CASE("each setting says where it came from") {
    const auto path = std::filesystem::temp_directory_path() / "penstock_settings_test.toml";
    std::ofstream(path) << "[wheel]\nspokes = 10\nwet = true\nturn-time = \"1m\"\n";
    setenv("PENSTOCK_WHEEL_TURN_TIME", "2m", 1);
    setenv("PENSTOCK_WHEEL_OWNER", "me", 1);
    const std::vector<Setting> settings = SetWheel().settings(
        {"--config", path.c_str(), "--owner", "you", "--rim", "elm", "--rim", "[ash]"});
    unsetenv("PENSTOCK_WHEEL_TURN_TIME");
    unsetenv("PENSTOCK_WHEEL_OWNER");
    std::filesystem::remove(path);
    std::vector<std::string> lines;
    for (const Setting& setting : settings) {
        lines.push_back(toml_line(setting) + "  # " + origin_text(setting));
    }
    CHECK(lines == std::vector<std::string>{
                       "spokes = 10  # file " + path.string(),
                       "rim = [\"elm\", \"[ash]\"]  # flag --rim",
                       "owner = \"you\"  # flag --owner",
                       "wet = true  # file " + path.string(),
                       "turn-time = \"2m\"  # environment PENSTOCK_WHEEL_TURN_TIME",
                   });
}

TEST_CASE("what is printed for a file is read from one as it was") {
    const auto path = std::filesystem::temp_directory_path() / "penstock_settings_test.toml";
    const std::vector<Setting> given{{"spokes", {"12"}},
                                     {"rim", {"plain", "a \"quoted\" one", "tcp://[::1]:1"}, true},
                                     {"owner", {"C:\\wheel"}},
                                     {"wet", {"true"}}};
    std::ofstream file(path);
    file << "[wheel]\n";
    for (const Setting& setting : given) {
        file << toml_line(setting) << '\n';
    }
    file.close();
    const std::vector<Setting> read = SetWheel().settings({"--config", path.c_str()});
    std::filesystem::remove(path);
    for (std::size_t i = 0; i < given.size(); ++i) {
        CHECK(read.at(i).values == given.at(i).values);
    }
}

TEST_CASE("what no file can hold is a comment there") {
    CHECK(toml_line({"a", {"it's \"x\""}}).starts_with("# a"));
    CHECK(toml_line({"a", {"one\ntwo"}}).starts_with("# a"));
    CHECK(toml_line({"a", {"it's"}}) == "a = \"it's\"");
    CHECK(toml_line({"a", {}}) == "# a =");
}

TEST_CASE("settings survive the way to another program") {
    const std::vector<Setting> settings{
        {"a", {}, true, Origin::flag, "--a"},
        {"b", {"tab\there", "line\nthere", "back\\slash", ""}, true, Origin::environment, "B"},
        {"c", {"1"}, false, Origin::file, "/etc/a b.toml"},
        {"d", {"x"}}};
    const auto read = read_settings(write_settings(settings));
    REQUIRE(read.has_value());
    CHECK(*read == settings);
    CHECK_FALSE(read_settings("a\tvalue\tdefault").has_value());
    CHECK_FALSE(read_settings("a\tvalue\tsomewhere\t\n").has_value());
}

}  // namespace
}  // namespace penstock::process
