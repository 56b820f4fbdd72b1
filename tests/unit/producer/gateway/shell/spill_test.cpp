#include "producer/gateway/shell/spill.hpp"

#include "producer/gateway/core/limits.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"

namespace penstock::gateway {
namespace {

std::size_t files_in(const std::filesystem::path& folder) {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder),
                                                  std::filesystem::directory_iterator()));
}

TEST_CASE("a body is read back as it came, small or large, and leaves no name behind") {
    const TemporaryFolder place;
    const auto folder = Folder::open(place.path().string());
    REQUIRE(folder);
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, body_memory_bytes,
                                   body_memory_bytes + 1, std::size_t{1} << 20U}) {
        INFO(size);
        std::string text(size, 'x');
        for (std::size_t i = 0; i < size; ++i) {
            text[i] = static_cast<char>('a' + i % 23);
        }
        Spill spill(*folder, size);
        for (std::size_t at = 0; at < size; at += 7'001) {
            REQUIRE_FALSE(spill.write(as_byte_view(std::string_view(text).substr(at, 7'001))));
        }
        REQUIRE(spill.size() == size);
        REQUIRE(as_text(spill.read()->view()) == text);
        REQUIRE(files_in(place.path() / "spill") == 0);
    }
}

TEST_CASE("a body beyond its limit is 413") {
    const TemporaryFolder place;
    const auto folder = Folder::open(place.path().string());
    Spill spill(*folder, 3);
    REQUIRE_FALSE(spill.write(as_byte_view("abc")));
    REQUIRE(spill.write(as_byte_view("d"))->status == 413);
}

}  // namespace
}  // namespace penstock::gateway
