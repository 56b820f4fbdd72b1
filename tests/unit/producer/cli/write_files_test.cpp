#include "producer/cli/write_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"

namespace penstock::cli {
namespace {

namespace fs = std::filesystem;

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

TEST_CASE("a pipe or a device is written to, not replaced") {
    const TemporaryFolder folder;
    const fs::path pipe = folder.path() / "pipe";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    // Both ends, so that nobody blocks.
    const int reader = ::open(pipe.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
    REQUIRE(reader >= 0);
    REQUIRE(write_file(pipe, as_byte_view("result"), Existing::overwrite).has_value());
    std::string text(6, ' ');
    CHECK(::read(reader, text.data(), text.size()) == 6);
    ::close(reader);
    CHECK(text == "result");
    CHECK(fs::is_fifo(fs::symlink_status(pipe)));
    CHECK(folder.count() == 1);
}

TEST_CASE("a link that is overwritten is replaced, and what it leads to stays as it is") {
    const TemporaryFolder folder;
    const fs::path precious = folder.write("precious.txt", "keep me");
    const fs::path link = folder.path() / "photo.jpg";
    fs::create_symlink(precious, link);
    REQUIRE(write_file(link, as_byte_view("result"), Existing::overwrite).has_value());
    REQUIRE(TemporaryFolder::read(precious) == "keep me");
    REQUIRE_FALSE(fs::is_symlink(fs::symlink_status(link)));
    REQUIRE(TemporaryFolder::read(link) == "result");
}

TEST_CASE("a result goes where a link leads, there as a whole file") {
    const TemporaryFolder folder;
    const fs::path target = folder.write("below/target.bin", "old");
    const fs::path link = folder.path() / "link";
    fs::create_symlink("below/target.bin", link);
    const fs::path old_name = folder.path() / "old.bin";
    fs::create_hard_link(target, old_name);
    REQUIRE(write_result(link.string(), as_byte_view("result")).has_value());
    REQUIRE(fs::is_symlink(fs::symlink_status(link)));
    REQUIRE(TemporaryFolder::read(target) == "result");
    // Replaced, not written over: the old file is still whole under its other name.
    REQUIRE(TemporaryFolder::read(old_name) == "old");

    const fs::path nowhere = folder.path() / "nowhere";
    fs::create_symlink("not-yet.bin", nowhere);
    REQUIRE(write_result(nowhere.string(), as_byte_view("result")).has_value());
    REQUIRE(TemporaryFolder::read(folder.path() / "not-yet.bin") == "result");
}

TEST_CASE("a link to a device is written through, and a link to itself is an error") {
    const TemporaryFolder folder;
    const fs::path link = folder.path() / "link";
    fs::create_symlink("/dev/null", link);
    REQUIRE(write_result(link.string(), as_byte_view("result")).has_value());
    REQUIRE(fs::is_symlink(fs::symlink_status(link)));
    const fs::path circle = folder.path() / "circle";
    fs::create_symlink(circle, circle);
    REQUIRE_FALSE(write_result(circle.string(), as_byte_view("result")).has_value());
}

TEST_CASE("a name may be as long as names can be") {
    const TemporaryFolder folder;
    const fs::path file = folder.path() / std::string(255, 'n');
    REQUIRE(write_file(file, as_byte_view("result"), Existing::keep).has_value());
    REQUIRE(write_file(file, as_byte_view("again"), Existing::overwrite).has_value());
    REQUIRE(TemporaryFolder::read(file) == "again");
}

TEST_CASE("a file that cannot be written is named") {
    const auto written = write_file("/nonexistent/out.bin", {}, Existing::overwrite);
    REQUIRE(written.error().message.find("/nonexistent/out.bin") != std::string::npos);
}

}  // namespace
}  // namespace penstock::cli
