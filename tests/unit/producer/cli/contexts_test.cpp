#include "producer/cli/contexts.hpp"

#include <cstdlib>
#include <filesystem>
#include <sys/stat.h>
#include <thread>

#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"

namespace penstock::cli {
namespace {

TEST_CASE("contexts come back from their file as they were saved, by name") {
    const TemporaryFolder folder;
    const auto path = folder.path() / "new" / "contexts.json";
    const auto changed = change_contexts(path, [](Contexts& contexts) -> Result<void> {
        contexts.put({"staging", "tcp://10.0.0.6:5750"});
        contexts.put({"home", "ipc:///run/penstock.sock"});
        contexts.put({"staging", "tcp://10.0.0.7:5750"});
        contexts.current = "staging";
        return {};
    });
    REQUIRE(changed.has_value());
    const Contexts expected{
        {{"home", "ipc:///run/penstock.sock"}, {"staging", "tcp://10.0.0.7:5750"}}, "staging"};
    CHECK(load_contexts(path) == expected);
}

TEST_CASE("a change that fails changes nothing") {
    const TemporaryFolder folder;
    const auto path = folder.path() / "contexts.json";
    const auto changed = change_contexts(path, [](Contexts& contexts) -> Result<void> {
        contexts.put({"staging", "tcp://10.0.0.6:5750"});
        return fail(ErrorCode::conflict, "no");
    });
    CHECK(changed.error().code == ErrorCode::conflict);
    CHECK_FALSE(std::filesystem::exists(path));
}

Result<void> put_one(const std::filesystem::path& path, const std::string& name) {
    return change_contexts(path, [&name](Contexts& contexts) -> Result<void> {
        contexts.put({name, "tcp://10.0.0.6:5750"});
        return {};
    });
}

TEST_CASE("changes at the same time all count") {
    const TemporaryFolder folder;
    const auto path = folder.path() / "contexts.json";
    std::vector<std::thread> threads;
    for (char name = 'a'; name <= 'j'; ++name) {
        threads.emplace_back(
            [&path, name] { static_cast<void>(put_one(path, std::string(1, name))); });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    CHECK(load_contexts(path)->saved.size() == threads.size());
}

TEST_CASE("a link to the file stays one") {
    const TemporaryFolder folder;
    const auto target = folder.write("elsewhere.json", R"({"contexts":{},"current":""})");
    const auto path = folder.path() / "contexts.json";
    std::filesystem::create_symlink(target, path);
    REQUIRE(put_one(path, "a").has_value());
    CHECK(std::filesystem::is_symlink(path));
    CHECK(load_contexts(target)->saved.size() == 1);
}

TEST_CASE("what is no file is refused, not waited for") {
    const TemporaryFolder folder;
    const auto path = folder.path() / "contexts.json";
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    CHECK_FALSE(load_contexts(path).has_value());
}

TEST_CASE("no file is no contexts") {
    const TemporaryFolder folder;
    CHECK(load_contexts(folder.path() / "contexts.json") == Contexts());
}

TEST_CASE("a file that holds something else is refused by its name") {
    const TemporaryFolder folder;
    for (const char* text :
         {"", "[]", "{", R"({"contexts":[]})", R"({"contexts":{"a":"tcp://x:1"}})",
          R"({"contexts":{"a":{"server":1}}})"}) {
        CAPTURE(text);
        const auto path = folder.write("contexts.json", text);
        const auto loaded = load_contexts(path);
        REQUIRE_FALSE(loaded.has_value());
        CHECK(loaded.error().code == ErrorCode::internal);
        CHECK(loaded.error().message.find(path.string()) != std::string::npos);
    }
}

TEST_CASE("the context in use is none once it is removed") {
    Contexts contexts{{{"a", "tcp://x:1"}, {"b", "tcp://x:2"}}, "a"};
    CHECK(contexts.remove("a"));
    CHECK_FALSE(contexts.remove("a"));
    CHECK(contexts.current.empty());
    REQUIRE(contexts.find("b") != nullptr);
    CHECK(contexts.find("a") == nullptr);
}

TEST_CASE("the file lies where the environment says, or below the home") {
    const char* const home = std::getenv("HOME");
    const std::string home_before = home == nullptr ? "" : home;
    setenv("XDG_CONFIG_HOME", "/etc/xdg", 1);
    CHECK(contexts_path() == "/etc/xdg/penstock/contexts.json");
    setenv("XDG_CONFIG_HOME", "relative", 1);
    setenv("HOME", "/home/me", 1);
    CHECK(contexts_path() == "/home/me/.config/penstock/contexts.json");
    unsetenv("XDG_CONFIG_HOME");
    unsetenv("HOME");
    CHECK_FALSE(contexts_path().has_value());
    setenv("HOME", home_before.c_str(), 1);
}

}  // namespace
}  // namespace penstock::cli
