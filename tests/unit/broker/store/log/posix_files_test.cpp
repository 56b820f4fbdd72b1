#include "broker/store/log/posix_files.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>

#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"

namespace penstock::broker {
namespace {

using Catch::Matchers::ContainsSubstring;

std::string content_of(const File& file) {
    std::string text(file.size_bytes().value(), '\0');
    REQUIRE(file.read(0, std::as_writable_bytes(std::span(text))));
    return text;
}

}  // namespace

TEST_CASE("files of a folder are written, renamed, listed and removed") {
    const TemporaryFolder place;
    const auto folder = open_folder(place.path() / "journal");
    REQUIRE(folder);
    {
        const auto file = (*folder)->create("a");
        REQUIRE(file);
        REQUIRE((*file)->write(3, as_byte_view("def")));
        REQUIRE((*file)->write(0, as_byte_view("abc")));
        REQUIRE((*file)->sync());
        CHECK(content_of(**file) == "abcdef");
    }
    REQUIRE((*folder)->create("b"));
    REQUIRE((*folder)->rename("a", "b"));
    REQUIRE((*folder)->sync_names());
    CHECK((*folder)->list().value() == std::vector<std::string>{"b"});
    CHECK(content_of(**(*folder)->open("b")) == "abcdef");
    REQUIRE((*folder)->remove("b"));
    CHECK((*folder)->list().value().empty());
}

TEST_CASE("small writes and large ones into one file, under two names, are read as written") {
    const TemporaryFolder place;
    const auto folder = open_folder(place.path() / "journal");
    REQUIRE(folder);
    const auto file = (*folder)->create("a");
    REQUIRE(file);
    constexpr std::size_t size = 256 << 10U;
    std::string wanted(size, '\0');
    REQUIRE((*file)->write(0, as_byte_view(wanted)));
    REQUIRE((*file)->sync());
    const auto reader = (*folder)->open("a");
    REQUIRE(reader);
    // Whole sectors and others, next to and over each other, from one to many blocks.
    constexpr std::array<std::size_t, 8> sizes{512, 4096, 100, 16384, 512, 20480, 1536, 61440};
    std::size_t offset = 0;
    for (std::size_t n = 0; n < 200; ++n) {
        const std::size_t bytes = sizes[n % sizes.size()];
        offset = (offset + 7 * 512 + (n % 5 == 4 ? 3 : 0)) % (size - bytes);
        const std::string text(bytes, static_cast<char>('a' + n % 26));
        wanted.replace(offset, bytes, text);
        REQUIRE((*file)->write(offset, as_byte_view(text)));
        if (n == 100) {
            REQUIRE((*folder)->rename("a", "b"));
        }
        REQUIRE((*file)->sync());
        CHECK(content_of(**reader) == wanted);
    }
    CHECK(content_of(**(*folder)->open("b")) == wanted);
}

TEST_CASE("what fails is told of the file by the name that it has by then") {
    const TemporaryFolder place;
    const auto folder = open_folder(place.path() / "journal");
    REQUIRE(folder);
    const auto file = (*folder)->create("spare");
    REQUIRE(file);
    REQUIRE((*folder)->rename("spare", "segment"));
    std::array<std::byte, 1> byte{};
    const Result<void> read = (*file)->read(0, byte);
    REQUIRE_FALSE(read);
    CHECK_THAT(read.error().message, ContainsSubstring("journal/segment ends too early"));
}

TEST_CASE("only the owner can look into a journal") {
    const TemporaryFolder place;
    const auto folder = open_folder(place.path() / "journal");
    REQUIRE(folder);
    REQUIRE((*folder)->create("a"));
    using std::filesystem::perms;
    CHECK(std::filesystem::status(place.path() / "journal").permissions() == perms::owner_all);
    CHECK(std::filesystem::status(place.path() / "journal/a").permissions() ==
          (perms::owner_read | perms::owner_write));
}

TEST_CASE("folders above a journal are made, too") {
    const TemporaryFolder place;
    CHECK(open_folder(place.path() / "not/there/yet"));
    CHECK(std::filesystem::is_directory(place.path() / "not/there/yet"));
}

TEST_CASE("a folder belongs to one at a time") {
    const TemporaryFolder place;
    {
        const auto first = open_folder(place.path());
        REQUIRE(first);
        const auto second = open_folder(place.path());
        REQUIRE_FALSE(second);
        CHECK(second.error().code == ErrorCode::conflict);
        CHECK_THAT(second.error().message, ContainsSubstring("in use"));
    }
    CHECK(open_folder(place.path()));
}

TEST_CASE("what cannot be opened or read says so") {
    const TemporaryFolder place;
    std::ofstream(place.path() / "file") << "x";
    CHECK(open_folder(place.path() / "file").error().code == ErrorCode::unavailable);
    CHECK(open_folder(place.path() / "file/below").error().code == ErrorCode::unavailable);
    const auto folder = open_folder(place.path());
    REQUIRE(folder);
    CHECK((*folder)->open("nothing").error().code == ErrorCode::not_found);
    std::array<std::byte, 2> two{};
    CHECK((*(*folder)->open("file"))->read(0, two).error().code == ErrorCode::malformed);
}

TEST_CASE("what is no file is not listed, cannot be opened, and keeps nobody waiting") {
    const TemporaryFolder place;
    const auto folder = open_folder(place.path());
    REQUIRE(folder);
    REQUIRE(::mkfifo((place.path() / "pipe").c_str(), 0600) == 0);
    std::filesystem::create_symlink("/nonexistent", place.path() / "link");
    std::filesystem::create_directory(place.path() / "folder");
    CHECK((*folder)->list().value().empty());
    for (const char* name : {"pipe", "link"}) {
        const auto opened = (*folder)->open(name);
        REQUIRE_FALSE(opened);
        CHECK(opened.error().code == ErrorCode::not_found);
    }
}

TEST_CASE("a full disk is told from other faults") {
    // Every write to it fails for lack of room.
    if (!std::filesystem::exists("/dev/full")) {
        WARN("no /dev/full here: skipped");
        return;
    }
    const TemporaryFolder place;
    std::filesystem::create_symlink("/dev/full", place.path() / "full");
    const auto folder = open_folder(place.path());
    REQUIRE(folder);
    const auto file = (*folder)->open("full");
    REQUIRE(file);
    const auto written = (*file)->write(0, as_byte_view("x"));
    REQUIRE_FALSE(written);
    CHECK(written.error().code == ErrorCode::disk_full);
}

TEST_CASE("who reads a folder shares it with others who read, and with nobody who writes") {
    const TemporaryFolder place;
    const auto path = place.path() / "journal";
    CHECK(open_folder_to_read(path).error().code == ErrorCode::not_found);
    CHECK_FALSE(std::filesystem::exists(path));
    {
        const auto writes = open_folder(path);
        REQUIRE(writes);
        REQUIRE((*(*writes)->create("a"))->write(0, as_byte_view("abc")));
        CHECK(open_folder_to_read(path).error().code == ErrorCode::conflict);
    }
    const auto reads = open_folder_to_read(path);
    REQUIRE(reads);
    CHECK(open_folder_to_read(path));
    CHECK(open_folder(path).error().code == ErrorCode::conflict);
    const auto file = (*reads)->open("a");
    REQUIRE(file);
    CHECK(content_of(**file) == "abc");
    CHECK_FALSE((*file)->write(0, as_byte_view("x")));
}

}  // namespace penstock::broker
