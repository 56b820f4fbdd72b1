#include "common/process/flags.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <vector>

#include "tests/support/catch.hpp"

namespace penstock::process {
namespace {

// Catches what parse() prints.
class Captured {
  public:
    explicit Captured(std::ostream& stream) : stream_(stream), before_(stream.rdbuf()) {
        stream.rdbuf(text_.rdbuf());
    }
    ~Captured() { stream_.rdbuf(before_); }
    Captured(const Captured&) = delete;
    Captured& operator=(const Captured&) = delete;
    [[nodiscard]] std::string text() const { return text_.str(); }

  private:
    std::ostringstream text_;
    std::ostream& stream_;
    std::streambuf* before_;
};

struct Program {
    Program() : app("Turns the wheel", "penstock-wheel") {
        apply_conventions(app, "wheel", {"$ penstock-wheel --spokes 12", ""});
        app.add_option("--spokes", spokes, "How many spokes");
        add_duration(app, "--turn-time", turn_time, "How long a turn takes");
        add_size(app, "--bucket", bucket_bytes, "What a bucket holds");
    }
    std::optional<ExitCode> run(std::vector<const char*> arguments) {
        arguments.insert(arguments.begin(), "penstock-wheel");
        return parse(app, static_cast<int>(arguments.size()), arguments.data());
    }

    int spokes = 8;
    std::chrono::milliseconds turn_time{30'000};
    std::uint64_t bucket_bytes = 1024;
    CLI::App app;
};

class ConfigFile {
  public:
    explicit ConfigFile(const std::string& text)
        : path_(std::filesystem::temp_directory_path() / "penstock_flags_test.toml") {
        std::ofstream(path_) << text;
    }
    ~ConfigFile() { std::filesystem::remove(path_); }
    ConfigFile(const ConfigFile&) = delete;
    ConfigFile& operator=(const ConfigFile&) = delete;
    [[nodiscard]] std::string path() const { return path_.string(); }

  private:
    std::filesystem::path path_;
};

class EnvironmentVariable {
  public:
    EnvironmentVariable(const char* name, const char* value) : name_(name) {
        setenv(name, value, 1);
    }
    ~EnvironmentVariable() { unsetenv(name_); }
    EnvironmentVariable(const EnvironmentVariable&) = delete;
    EnvironmentVariable& operator=(const EnvironmentVariable&) = delete;

  private:
    const char* name_;
};

TEST_CASE("options without flags keep their defaults") {
    Program program;
    REQUIRE_FALSE(program.run({}));
    REQUIRE(program.spokes == 8);
    REQUIRE(program.turn_time == std::chrono::seconds(30));
}

TEST_CASE("durations and sizes are read with their units") {
    Program program;
    REQUIRE_FALSE(program.run({"--turn-time", "250ms", "--bucket", "2MiB"}));
    REQUIRE(program.turn_time == std::chrono::milliseconds(250));
    REQUIRE(program.bucket_bytes == 2'097'152);
}

TEST_CASE("a flag beats the environment, which beats the file") {
    const ConfigFile file(
        "[wheel]\nspokes = 10\nturn-time = \"1m\"\nbucket = \"1KiB\"\n"
        "[gateway]\nspokes = 99\n");
    const EnvironmentVariable spokes("PENSTOCK_WHEEL_SPOKES", "11");
    const EnvironmentVariable turn_time("PENSTOCK_WHEEL_TURN_TIME", "2m");
    Program program;
    REQUIRE_FALSE(program.run({"--config", file.path().c_str(), "--spokes", "12"}));
    REQUIRE(program.spokes == 12);
    REQUIRE(program.turn_time == std::chrono::minutes(2));
    REQUIRE(program.bucket_bytes == 1024);
}

TEST_CASE("a file sets the keys of its own section only") {
    const ConfigFile file("[gateway]\nspokes = 99\n[wheel]\nturn-time = \"1m\"\nspokes = 10\n");
    Program program;
    REQUIRE_FALSE(program.run({"--config", file.path().c_str()}));
    REQUIRE(program.spokes == 10);
    REQUIRE(program.turn_time == std::chrono::minutes(1));
}

TEST_CASE("the environment names the file where no flag does") {
    const ConfigFile file("[wheel]\nspokes = 10\n");
    const EnvironmentVariable config("PENSTOCK_CONFIG", file.path().c_str());
    Program program;
    REQUIRE_FALSE(program.run({}));
    REQUIRE(program.spokes == 10);
    Program other;
    const Captured errors(std::cerr);
    REQUIRE(other.run({"--config=/nonexistent"}) == ExitCode::usage);
}

TEST_CASE("a variable whose value an option refuses is an error, unless a flag is given") {
    const EnvironmentVariable turn_time("PENSTOCK_WHEEL_TURN_TIME", "soon");
    Program given;
    REQUIRE_FALSE(given.run({"--turn-time", "1m"}));
    Program program;
    const Captured errors(std::cerr);
    REQUIRE(program.run({}) == ExitCode::usage);
    REQUIRE(errors.text().find("turn-time") != std::string::npos);
}

TEST_CASE("a program without a section reads what stands above all sections, and only that") {
    const ConfigFile file("spokes = 10\n[broker]\nspokes = 99\n[worker]\ndrain-timeout = \"1m\"\n");
    int spokes = 8;
    CLI::App app("Looks at wheels", "penstock");
    apply_conventions(app, "", {});
    app.add_option("--spokes", spokes, "How many spokes");
    // Named like a section, as `penstock worker ls` is.
    app.add_subcommand("worker", "Looks at workers");
    const std::string path = file.path();
    const std::vector<const char*> arguments{"penstock", "--config", path.c_str()};
    REQUIRE_FALSE(parse(app, static_cast<int>(arguments.size()), arguments.data()));
    REQUIRE(spokes == 10);
}

TEST_CASE("the environment beats a short name in the file, too") {
    const ConfigFile file("s = 10\n");
    const EnvironmentVariable spokes("PENSTOCK_TEST_SPOKES", "11");
    int count = 8;
    CLI::App app("Looks at wheels", "penstock");
    apply_conventions(app, "", {});
    app.add_option("-s,--spokes", count, "How many spokes")->envname("PENSTOCK_TEST_SPOKES");
    const std::string path = file.path();
    const std::vector<const char*> arguments{"penstock", "--config", path.c_str()};
    REQUIRE_FALSE(parse(app, static_cast<int>(arguments.size()), arguments.data()));
    REQUIRE(count == 11);
}

TEST_CASE("a misspelt key or section in a file is told, with the file") {
    const Captured errors(std::cerr);
    const ConfigFile key("[bench]\nspoke = 12\n");
    CLI::App app("Measures wheels", "penstock-bench");
    apply_conventions(app, "bench", {});
    const std::string path = key.path();
    const std::vector<const char*> arguments{"penstock-bench", "--config", path.c_str()};
    CHECK(parse(app, 3, arguments.data()) == ExitCode::usage);
    CHECK(errors.text().find(path + ": there is no key 'spoke' here") != std::string::npos);
    const ConfigFile section("[bnech]\nspoke = 12\n");
    CHECK(parse(app, 3, arguments.data()) == ExitCode::usage);
    CHECK(errors.text().find("section [bnech]") != std::string::npos);
}

TEST_CASE("what would draw on a terminal is not printed") {
    const Captured errors(std::cerr);
    Program program;
    CHECK(program.run({"\x1b[31mred"}) == ExitCode::usage);
    CHECK(errors.text().find('\x1b') == std::string::npos);
}

TEST_CASE("a word that is no command is named, and the help of where it stood") {
    for (const auto& [word, told] :
         {std::pair("spin", "penstock: there is no command 'spin'\nRun 'penstock wheel --help'"),
          std::pair("--spin", "penstock: there is no option '--spin'\nRun 'penstock wheel --help'"),
          std::pair("", "penstock: a command is missing\nRun 'penstock wheel --help'")}) {
        const Captured errors(std::cerr);
        CLI::App app("Looks at wheels", "penstock");
        apply_conventions(app, "", {});
        app.fallthrough();
        app.require_subcommand(1);
        CLI::App* const wheel = app.add_subcommand("wheel", "Turns it");
        wheel->require_subcommand(1);
        wheel->add_subcommand("turn", "Turns it once");
        const std::vector<const char*> arguments{"penstock", "wheel", word};
        const int count = *word == '\0' ? 2 : 3;
        CHECK(parse(app, count, arguments.data()) == ExitCode::usage);
        CHECK(errors.text().starts_with(told));
    }
}

TEST_CASE("a value in brackets is one value, even where several may stand") {
    std::vector<std::string> files;
    std::vector<std::string> names;
    CLI::App app("Looks at wheels", "penstock");
    apply_conventions(app, "", {});
    CLI::App* const command = app.add_subcommand("look", "Looks");
    command->add_option("FILES", files, "What to look at");
    command->add_option("--name", names, "How they are called");
    const std::vector<const char*> arguments{"penstock", "look", "[2024]",
                                             "[a,b]",    "[",    "--name=[c,d]"};
    REQUIRE_FALSE(parse(app, static_cast<int>(arguments.size()), arguments.data()));
    REQUIRE(files == std::vector<std::string>{"[2024]", "[a,b]", "["});
    REQUIRE(names == std::vector<std::string>{"[c,d]"});
}

TEST_CASE("an unexpected value in brackets is shown as it was given") {
    const Captured errors(std::cerr);
    Program program;
    REQUIRE(program.run({"[what]"}) == ExitCode::usage);
    REQUIRE(errors.text().find(" [what]") != std::string::npos);
}

TEST_CASE("an unknown key in the own section is a usage error") {
    const ConfigFile file("[wheel]\nspoks = 10\n");
    const Captured errors(std::cerr);
    Program program;
    REQUIRE(program.run({"--config", file.path().c_str()}) == ExitCode::usage);
    REQUIRE(errors.text().find("spoks") != std::string::npos);
}

TEST_CASE("an unknown flag is a usage error that points to the help") {
    const Captured errors(std::cerr);
    Program program;
    REQUIRE(program.run({"--spoks", "1"}) == ExitCode::usage);
    REQUIRE(errors.text().find("--spoks") != std::string::npos);
    REQUIRE(errors.text().find("penstock-wheel --help") != std::string::npos);
}

TEST_CASE("a bad value is a usage error that names the option and the forms") {
    const Captured errors(std::cerr);
    Program program;
    REQUIRE(program.run({"--turn-time", "soon"}) == ExitCode::usage);
    REQUIRE(errors.text().find("--turn-time") != std::string::npos);
    REQUIRE(errors.text().find("250ms") != std::string::npos);
}

TEST_CASE("the help shows options, defaults and examples and ends well") {
    const Captured output(std::cout);
    Program program;
    REQUIRE(program.run({"--help"}) == ExitCode::ok);
    REQUIRE(output.text().find("--turn-time DURATION") != std::string::npos);
    REQUIRE(output.text().find("30s") != std::string::npos);
    REQUIRE(output.text().find("penstock-wheel --spokes 12") != std::string::npos);
}

TEST_CASE("the version names the program and ends well") {
    const Captured output(std::cout);
    Program program;
    REQUIRE(program.run({"--version"}) == ExitCode::ok);
    REQUIRE(output.text() == "penstock-wheel " PENSTOCK_VERSION "\n");
}

}  // namespace
}  // namespace penstock::process
