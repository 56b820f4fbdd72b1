#include "producer/cli/files.hpp"

#include <sys/stat.h>

#include "producer/client/client.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"

namespace penstock::cli {
namespace {

namespace fs = std::filesystem;

TEST_CASE("a payload is the file's bytes") {
    const TemporaryFolder folder;
    const fs::path file = folder.write("in.bin", std::string_view("a\0b", 3));
    REQUIRE(as_text(read_payload(file.string(), 3)->view()) == std::string_view("a\0b", 3));
    REQUIRE(read_payload(folder.write("empty", "").string(), 3)->empty());
}

TEST_CASE("a file is read into the buffer that is given for it, whatever its size says") {
    const TemporaryFolder folder;
    const fs::path file = folder.write("in.bin", std::string(300'000, 'x'));
    const auto client = client::Client::create({.server = "ipc:///nowhere/broker.sock"});
    std::vector<std::size_t> asked;
    const auto make = [&](std::size_t bytes) {
        asked.push_back(bytes);
        return const_cast<client::Client&>(*client).payload_buffer(bytes);
    };
    REQUIRE(as_text(read_payload(file.string(), 300'000, make)->view()) ==
            std::string(300'000, 'x'));
    REQUIRE(asked == std::vector<std::size_t>{300'000});
    // Without a size, and with one that says too little.
    REQUIRE(
        as_text(read_payload("/proc/self/status", 1'000'000, make)->view()).starts_with("Name:"));
    REQUIRE(
        read_payload("/sys/kernel/mm/transparent_hugepage/enabled", 1'000'000, make).has_value());
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

TEST_CASE("a file that tells no size is read to its end") {
    const auto payload = read_payload("/proc/self/status", 1'000'000);
    REQUIRE(as_text(payload->view()).starts_with("Name:"));
}

TEST_CASE("a text over the limit is not blamed on the broker") {
    const TemporaryFolder folder;
    const auto text = read_text(folder.write("array.json", "[1,2,3]").string(), 3);
    REQUIRE(text.error().code == ErrorCode::too_large);
    REQUIRE(text.error().message.find("at most 3 B of text") != std::string::npos);
    REQUIRE(text.error().message.find("broker") == std::string::npos);
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

TEST_CASE("a pipe among the files is refused and named, not waited for") {
    const TemporaryFolder folder;
    const fs::path pipe = folder.path() / "pipe.jpg";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    const auto inputs = expand_inputs({pipe.string()}, {".jpg"});
    REQUIRE(inputs.error().code == ErrorCode::malformed);
    REQUIRE(inputs.error().message.find("pipe.jpg") != std::string::npos);
}

}  // namespace
}  // namespace penstock::cli
