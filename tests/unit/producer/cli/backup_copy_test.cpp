#include "producer/cli/backup_copy.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"

namespace penstock::cli {
namespace {

using protocol::BackupPart;
using protocol::BackupPlace;

BackupPart part(const BackupPlace& at, std::string_view bytes, const BackupPlace& next,
                const BackupPlace& end) {
    BackupPart made;
    made.at = at;
    made.file_bytes = 10;
    made.bytes = SharedBytes::copy_of(bytes);
    made.next = next;
    made.end = end;
    return made;
}

std::string zeros(std::size_t count) {
    return std::string(count, '\0');
}

struct Place {
    TemporaryFolder folder;
    std::string path = (folder.path() / "copy").string();
    BackupCopy copy = *BackupCopy::begin(path);
    std::string read(const std::string& name) const {
        return TemporaryFolder::read(path + "/" + name);
    }
};

TEST_CASE("pieces become files, up to what was durable when the first one left") {
    Place place;
    BackupCopy& copy = place.copy;
    CHECK(copy.next() == BackupPlace{});
    REQUIRE(copy.take(part({"journal/a", 0}, "abcde", {"journal/a", 5}, {"journal/b", 3})));
    CHECK(copy.next() == BackupPlace{"journal/a", 5});
    REQUIRE(copy.take(part({"journal/a", 5}, "fghij", {"journal/b", 0}, {"journal/b", 7})));
    REQUIRE(copy.take(part({"journal/b", 0}, "klmnop", {"journal/b", 6}, {"journal/b", 7})));
    CHECK_FALSE(copy.next());
    CHECK_FALSE(std::filesystem::exists(place.path));
    REQUIRE(copy.finish());
    CHECK(place.read("journal/a") == "abcdefghij");
    CHECK(place.read("journal/b") == "klm" + zeros(7));
    CHECK(copy.bytes() == 13);
    CHECK(copy.files() == 2);
    CHECK(place.folder.count() == 1);
}

TEST_CASE("when the broker goes on elsewhere, what was copied is thrown away") {
    Place place;
    BackupCopy& copy = place.copy;
    REQUIRE(copy.take(part({"journal/a", 0}, "abcde", {"journal/a", 5}, {"journal/b", 2})));
    REQUIRE(copy.take(part({"journal/c", 0}, "xyz", {"journal/c", 3}, {"journal/c", 3})));
    CHECK_FALSE(copy.next());
    CHECK(copy.restarts() == 1);
    REQUIRE(copy.finish());
    CHECK(place.read("journal/c") == "xyz" + zeros(7));
    CHECK_FALSE(std::filesystem::exists(place.path + "/journal/a"));
    CHECK(copy.bytes() == 3);
}

TEST_CASE("a broker that is always ahead is given up") {
    Place place;
    const BackupPlace end{"journal/z", 1};
    REQUIRE(place.copy.take(part({"journal/a", 0}, "a", {"journal/a", 1}, end)));
    Result<void> taken;
    for (int i = 0; taken && i <= BackupCopy::restarts_max; ++i) {
        const std::string name = "journal/b" + std::to_string(i);
        taken = place.copy.take(part({name, 0}, "a", {name, 1}, end));
    }
    REQUIRE_FALSE(taken);
    CHECK(taken.error().code == ErrorCode::unavailable);
    CHECK(place.copy.restarts() == BackupCopy::restarts_max + 1);
}

TEST_CASE("a folder that holds anything is refused, an empty one taken") {
    const TemporaryFolder folder;
    CHECK(BackupCopy::begin(folder.path().string()));
    folder.write("file", "");
    const auto refused = BackupCopy::begin(folder.path().string());
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::conflict);
}

TEST_CASE("what is not finished leaves nothing behind") {
    const TemporaryFolder folder;
    {
        auto copy = BackupCopy::begin((folder.path() / "copy/").string());
        REQUIRE(copy);
        REQUIRE(copy->take(part({"journal/a", 0}, "a", {"journal/a", 1}, {"journal/b", 1})));
        CHECK(folder.count() == 1);
    }
    CHECK(folder.count() == 0);
}

TEST_CASE("a broker cannot make the client write elsewhere, or nonsense") {
    Place place;
    const BackupPlace good{"journal/a", 0};
    for (const char* const name : {"../evil", "/etc/passwd", "journal/../../evil", "journal/", "",
                                   ".ssh/a", "a//b", "journal/A", "journal/a\n"}) {
        CAPTURE(name);
        CHECK_FALSE(place.copy.take(part({name, 0}, "a", good, good)));
        CHECK_FALSE(place.copy.take(part(good, "a", {name, 0}, good)));
        CHECK_FALSE(place.copy.take(part(good, "a", good, {name, 0})));
    }
    CHECK_FALSE(place.copy.take(part(good, "eleven bytes", good, good)));
    CHECK_FALSE(place.copy.take(part({"journal/a", 1}, "a", {"journal/a", 2}, good)));
    // It would go on for ever.
    CHECK_FALSE(place.copy.take(part(good, "", good, {"journal/b", 1})));
    CHECK(place.folder.count() == 1);
}

}  // namespace
}  // namespace penstock::cli
