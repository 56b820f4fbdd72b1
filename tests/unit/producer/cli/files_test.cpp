#include "producer/cli/files.hpp"

#include <sys/stat.h>

#include "tests/support/catch.hpp"
#include "tests/unit/producer/cli/temporary_folder.hpp"

namespace penstock::cli {
namespace {

namespace fs = std::filesystem;

TEST_CASE("a payload is the file's bytes") {
    const TemporaryFolder folder;
    const fs::path file = folder.write("in.bin", std::string_view("a\0b", 3));
    REQUIRE(as_text(read_payload(file.string(), 3)->view()) == std::string_view("a\0b", 3));
    REQUIRE(read_payload(folder.write("empty", "").string(), 3)->empty());
}

TEST_CASE("a file over the limit is refused by its size, unread") {
    const TemporaryFolder folder;
    const fs::path file = folder.write("huge.bin", "");
    fs::resize_file(file, std::uintmax_t{1} << 40U);
    const auto payload = read_payload(file.string(), std::size_t{32} << 20U);
    REQUIRE(payload.error().code == ErrorCode::too_large);
    REQUIRE(payload.error().message.find("huge.bin has 1.0 TiB") != std::string::npos);
    REQUIRE(payload.error().message.find("32.0 MiB") != std::string::npos);
}

TEST_CASE("a pipe over the limit is refused as soon as it is") {
    const auto payload = read_payload("/dev/zero", 100'000);
    REQUIRE(payload.error().code == ErrorCode::too_large);
}

TEST_CASE("a file that cannot be read is named") {
    const auto payload = read_payload("/nonexistent/photo.jpg", 10);
    REQUIRE(payload.error().code == ErrorCode::internal);
    REQUIRE(payload.error().message.find("/nonexistent/photo.jpg") != std::string::npos);
    REQUIRE_FALSE(read_payload("/", 10).has_value());
}

TEST_CASE("a file is written whole, with the usual rights and nothing beside it") {
    const TemporaryFolder folder;
    const fs::path file = folder.path() / "out.bin";
    REQUIRE(write_file(file, as_byte_view("result"), Existing::keep).has_value());
    REQUIRE(TemporaryFolder::read(file) == "result");
    REQUIRE(folder.count() == 1);
    const mode_t mask = ::umask(0);
    ::umask(mask);
    struct stat facts {};
    REQUIRE(::stat(file.c_str(), &facts) == 0);
    REQUIRE((facts.st_mode & 0777U) == (0666U & ~mask));
}

TEST_CASE("an existing file is kept or replaced, as asked") {
    const TemporaryFolder folder;
    const fs::path file = folder.write("out.bin", "old");
    REQUIRE(write_file(file, as_byte_view("new"), Existing::keep).error().code ==
            ErrorCode::conflict);
    REQUIRE(TemporaryFolder::read(file) == "old");
    REQUIRE(write_file(file, as_byte_view("new"), Existing::overwrite).has_value());
    REQUIRE(TemporaryFolder::read(file) == "new");
    REQUIRE(folder.count() == 1);
}

TEST_CASE("a file that cannot be written is named") {
    const auto written = write_file("/nonexistent/out.bin", {}, Existing::overwrite);
    REQUIRE(written.error().message.find("/nonexistent/out.bin") != std::string::npos);
}

TEST_CASE("a folder becomes its visible files of the wanted kinds, sorted") {
    const TemporaryFolder folder;
    folder.write("b.JPG", "");
    folder.write("a.png", "");
    folder.write(".hidden.png", "");
    folder.write("notes.txt", "");
    folder.write("below/c.png", "");
    const auto images = expand_inputs({folder.path().string()}, {".jpg", ".png"});
    REQUIRE(*images == std::vector<fs::path>{folder.path() / "a.png", folder.path() / "b.JPG"});
    REQUIRE(expand_inputs({folder.path().string()}, {})->size() == 3);
}

TEST_CASE("a file that is named is taken, whatever its kind") {
    const TemporaryFolder folder;
    const fs::path notes = folder.write("notes.txt", "");
    REQUIRE(*expand_inputs({notes.string()}, {".jpg"}) == std::vector<fs::path>{notes});
    REQUIRE_FALSE(expand_inputs({(folder.path() / "absent.jpg").string()}, {}).has_value());
}

}  // namespace
}  // namespace penstock::cli
