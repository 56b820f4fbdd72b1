#include "producer/cli/data_folder.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"

namespace penstock::cli {
namespace {

TEST_CASE("a data folder is made, and held by one at a time") {
    const TemporaryFolder parent;
    const std::string path = (parent.path() / "a" / "data").string();
    {
        const auto first = DataFolder::open(path);
        REQUIRE(first.has_value());
        REQUIRE(first->path() == path);
        const auto second = DataFolder::open(path);
        REQUIRE(second.error().code == ErrorCode::conflict);
        REQUIRE(second.error().message.find(path) != std::string::npos);
    }
    REQUIRE(DataFolder::open(path).has_value());
}

TEST_CASE("a data folder that cannot be is named") {
    const TemporaryFolder parent;
    const auto file = parent.write("file", "");
    const auto folder = DataFolder::open((file / "data").string());
    REQUIRE(folder.error().message.find((file / "data").string()) != std::string::npos);
}

}  // namespace
}  // namespace penstock::cli
