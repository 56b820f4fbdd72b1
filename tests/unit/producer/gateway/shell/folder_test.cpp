#include "producer/gateway/shell/folder.hpp"

#include <fstream>
#include <sstream>

#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"

namespace penstock::gateway {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

TEST_CASE("a result is published whole under its name, and never over another file") {
    const TemporaryFolder place;
    const auto folder = Folder::open(place.path().string());
    REQUIRE(folder->publish("a.jpg", as_byte_view("one")) == "processed/a.jpg");
    REQUIRE(text_of(place.path() / "processed/a.jpg") == "one");
    const auto again = folder->publish("a.jpg", as_byte_view("two"));
    REQUIRE(again.error().code == ErrorCode::conflict);
    REQUIRE(text_of(place.path() / "processed/a.jpg") == "one");
    REQUIRE(fs::is_empty(place.path() / "spill"));
}

TEST_CASE("what an earlier gateway left on its way is thrown away, results are kept") {
    const TemporaryFolder place;
    place.write("spill/left.tmp", "x");
    place.write("processed/kept.jpg", "x");
    REQUIRE(Folder::open(place.path().string()));
    REQUIRE(fs::is_empty(place.path() / "spill"));
    REQUIRE(fs::exists(place.path() / "processed/kept.jpg"));
}

TEST_CASE("two gateways cannot share a folder") {
    const TemporaryFolder place;
    const auto first = Folder::open(place.path().string());
    REQUIRE(Folder::open(place.path().string()).error().code == ErrorCode::conflict);
}

TEST_CASE("a folder that cannot be made is told by name") {
    const auto folder = Folder::open("/proc/nowhere");
    REQUIRE(folder.error().code == ErrorCode::internal);
    REQUIRE(folder.error().message.find("/proc/nowhere") != std::string::npos);
}

}  // namespace
}  // namespace penstock::gateway
