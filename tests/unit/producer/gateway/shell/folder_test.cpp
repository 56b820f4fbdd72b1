#include "producer/gateway/shell/folder.hpp"

#include <fstream>
#include <sstream>
#include <unistd.h>

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

// Root may do what the others may not, so for the moment this is nobody, whom the folder belongs
// to.
class NotRoot {
  public:
    explicit NotRoot(const fs::path& folder) {
        constexpr uid_t nobody = 65'534;
        if (is_root_) {
            REQUIRE(::chown(folder.c_str(), nobody, nobody) == 0);
            REQUIRE(::seteuid(nobody) == 0);
        }
    }
    ~NotRoot() {
        if (is_root_) {
            static_cast<void>(::seteuid(0));
        }
    }
    NotRoot(const NotRoot&) = delete;
    NotRoot& operator=(const NotRoot&) = delete;

  private:
    const bool is_root_ = ::geteuid() == 0;
};

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

TEST_CASE("a result whose name may be gone after a crash is not published") {
    const TemporaryFolder place;
    const NotRoot not_root(place.path());
    const auto folder = Folder::open(place.path().string());
    // Names may be added, but the folder cannot be opened, and so not be synced.
    const fs::path processed = place.path() / "processed";
    fs::permissions(processed, fs::perms::owner_write | fs::perms::owner_exec);
    const auto published = folder->publish("a.jpg", as_byte_view("one"));
    fs::permissions(processed, fs::perms::owner_all);
    REQUIRE(published.error().code == ErrorCode::internal);
    REQUIRE(fs::is_empty(processed));
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
