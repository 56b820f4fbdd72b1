#include "producer/cli/line_reader.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"

namespace penstock::cli {
namespace {

using LineStatus = LineReader::Status;

std::vector<std::string> all_lines(const std::filesystem::path& file) {
    LineReader reader = std::move(*LineReader::open(file.string(), 1'000'000));
    std::vector<std::string> lines;
    std::string line;
    while (reader.next(line).value() == LineStatus::line) {
        lines.push_back(line);
    }
    return lines;
}

TEST_CASE("lines are read without their ends, the last one needs none") {
    const TemporaryFolder folder;
    using Lines = std::vector<std::string>;
    REQUIRE(all_lines(folder.write("a", "1\n\n3\n")) == Lines{"1", "", "3"});
    REQUIRE(all_lines(folder.write("b", "1\n2")) == Lines{"1", "2"});
    REQUIRE(all_lines(folder.write("c", "")).empty());
}

TEST_CASE("lines longer than a piece of the file are whole") {
    const TemporaryFolder folder;
    const std::string text(200'000, 'x');
    REQUIRE(all_lines(folder.write("a", text + "\n" + text)) ==
            std::vector<std::string>{text, text});
}

TEST_CASE("an endless line is refused") {
    const TemporaryFolder folder;
    const auto file = folder.write("a", std::string(300'000, 'x'));
    LineReader reader = std::move(*LineReader::open(file.string(), 100'000));
    std::string line;
    REQUIRE(reader.next(line).error().code == ErrorCode::too_large);
    REQUIRE(reader.next(line).value() == LineStatus::end);
}

TEST_CASE("a pipe that has nothing yet is not waited for") {
    const TemporaryFolder folder;
    const std::string pipe = (folder.path() / "pipe").string();
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    const int writer = ::open(pipe.c_str(), O_RDWR | O_CLOEXEC);
    LineReader reader = std::move(*LineReader::open(pipe, 1000));
    std::string line;
    REQUIRE(reader.next(line).value() == LineStatus::later);
    REQUIRE(::write(writer, "ab\nc", 4) == 4);
    REQUIRE(reader.next(line).value() == LineStatus::line);
    REQUIRE(line == "ab");
    REQUIRE(reader.next(line).value() == LineStatus::later);
    REQUIRE(::write(writer, "d\n", 2) == 2);
    REQUIRE(reader.next(line).value() == LineStatus::line);
    REQUIRE(line == "cd");
    ::close(writer);
    REQUIRE(reader.next(line).value() == LineStatus::end);
}

TEST_CASE("a file that is not there is named") {
    REQUIRE(LineReader::open("/nonexistent/lines", 10).error().message.find("/nonexistent/lines") !=
            std::string::npos);
}

}  // namespace
}  // namespace penstock::cli
