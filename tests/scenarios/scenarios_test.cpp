// Plays every story of stories/ and compares what happens with what the file says. With
// PENSTOCK_REWRITE_SCENARIOS=1 in the environment it writes what happens into the files instead:
// read the difference before you keep it.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/scenarios/stage.hpp"
#include "tests/scenarios/story.hpp"
#include "tests/support/catch.hpp"

namespace penstock::scenarios {
namespace {

std::vector<std::filesystem::path> story_files() {
    std::vector<std::filesystem::path> files;
    for (const auto& entry :
         std::filesystem::directory_iterator(PENSTOCK_SOURCE_DIR "/tests/scenarios/stories")) {
        if (entry.path().extension() == ".txt") {
            files.push_back(entry.path());
        }
    }
    std::ranges::sort(files);
    return files;
}

// "broker queue_tasks_max=3", the first command of a story that needs other limits.
broker::Settings settings_of(const Story& story) {
    broker::Settings settings;
    const Command command = parse_command(story.steps.front().command);
    if (command.verb != "broker") {
        return settings;
    }
    settings.queue_tasks_max = std::stoul(command.option("queue_tasks_max", "1000000"));
    settings.queue_bytes_max = std::stoul(command.option("queue_bytes_max", "1000000000"));
    settings.waiting_leases_max =
        static_cast<std::uint32_t>(std::stoul(command.option("waiting_leases_max", "1024")));
    return settings;
}

// The story as it goes.
Story play(const Story& written) {
    Story played = written;
    Stage stage(settings_of(written));
    for (Step& step : played.steps) {
        const Command command = parse_command(step.command);
        if (!step.command.empty() && command.verb != "broker") {
            INFO("line " << step.line << ": " << step.command);
            CHECK_NOTHROW(step.expected = stage.play(command));
        }
    }
    return played;
}

std::string text_of(const std::filesystem::path& file) {
    std::ifstream input(file);
    return {std::istreambuf_iterator<char>(input), {}};
}

Story story_of(const std::filesystem::path& file) {
    std::istringstream input(text_of(file));
    return read_story(input);
}

bool is_rewriting() {
    const char* const asked = std::getenv("PENSTOCK_REWRITE_SCENARIOS");
    return asked != nullptr && std::string(asked) == "1";
}

}  // namespace

TEST_CASE("the stories go as they are written") {
    const std::vector<std::filesystem::path> files = story_files();
    REQUIRE(files.size() >= 10);
    for (const std::filesystem::path& file : files) {
        INFO(file.filename().string());
        const Story written = story_of(file);
        const Story played = play(written);
        if (is_rewriting()) {
            std::ofstream output(file);
            write_story(output, played);
            continue;
        }
        for (std::size_t at = 0; at < written.steps.size(); ++at) {
            const Step& step = written.steps[at];
            INFO("line " << step.line << ": " << step.command);
            CHECK(played.steps[at].expected == step.expected);
        }
    }
}

TEST_CASE("a story is written as it was read, to the byte") {
    for (const std::filesystem::path& file : story_files()) {
        std::ostringstream output;
        write_story(output, story_of(file));
        CHECK(output.str() == text_of(file));
    }
}

TEST_CASE("a command that the stage does not know is no story") {
    const auto command = GENERATE("dance", "pass 5", "c: submit 1 sum", "w: complete 1");
    Stage stage({});
    CHECK_THROWS_AS(stage.play(parse_command(command)), std::runtime_error);
}

}  // namespace penstock::scenarios
