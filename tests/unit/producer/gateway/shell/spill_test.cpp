#include "producer/gateway/shell/spill.hpp"

#include <thread>
#include <vector>

#include "producer/client/payload_memory.hpp"
#include "producer/gateway/core/limits.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"

namespace penstock::gateway {
namespace {

std::size_t files_in(const std::filesystem::path& folder) {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder),
                                                  std::filesystem::directory_iterator()));
}

client::PayloadBuffer own_memory(std::size_t bytes) {
    return client::make_payload_buffer(nullptr, bytes);
}

std::string letters(std::size_t size) {
    std::string text(size, 'x');
    for (std::size_t i = 0; i < size; ++i) {
        text[i] = static_cast<char>('a' + i % 23);
    }
    return text;
}

void write_in_pieces(Spill& spill, std::string_view text) {
    for (std::size_t at = 0; at < text.size(); at += 7'001) {
        REQUIRE_FALSE(spill.write(as_byte_view(text.substr(at, 7'001))));
    }
}

TEST_CASE("a body is taken as it came, small or large, announced or not, and leaves no name") {
    const TemporaryFolder place;
    const auto folder = Folder::open(place.path().string());
    REQUIRE(folder);
    BodyMemory memory(std::uint64_t{1} << 20U, own_memory);
    const bool is_announced = GENERATE(false, true);
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, body_memory_bytes,
                                   body_memory_bytes + 1, std::size_t{1} << 20U}) {
        INFO(size);
        const std::string text = letters(size);
        const auto announced = is_announced ? std::optional<std::uint64_t>(size) : std::nullopt;
        Spill spill(*folder, memory, size, announced);
        write_in_pieces(spill, text);
        REQUIRE(spill.size() == size);
        REQUIRE(as_text(spill.beginning()) == text.substr(0, body_memory_bytes));
        REQUIRE(as_text(spill.take()->view()) == text);
        REQUIRE(files_in(place.path() / "spill") == 0);
    }
}

TEST_CASE("bodies on their way in share their memory, and give it back at their end") {
    const TemporaryFolder place;
    const auto folder = Folder::open(place.path().string());
    constexpr std::size_t size = 100'000;
    BodyMemory memory(size, own_memory);
    const std::string text = letters(size);
    Spill first(*folder, memory, size, size);
    write_in_pieces(first, std::string_view(text).substr(0, size / 2));
    REQUIRE_FALSE(memory.claim(1));
    Spill second(*folder, memory, size, size);
    write_in_pieces(second, text);  // into a file
    REQUIRE(as_text(second.take()->view()) == text);
    SECTION("taken") {
        write_in_pieces(first, std::string_view(text).substr(size / 2));
        const SharedBytes taken = *first.take();
        REQUIRE(memory.claim(size));
        REQUIRE(as_text(taken.view()) == text);
    }
    SECTION("dropped") {
        first.drop();
        REQUIRE(memory.claim(size));
    }
}

TEST_CASE("threads that claim memory for bodies at once leave all of it behind") {
    constexpr std::size_t all = 1'000;
    BodyMemory memory(all, own_memory);
    {
        std::vector<std::jthread> threads;
        for (std::size_t number = 1; number <= 4; ++number) {
            threads.emplace_back([&memory, number] {
                std::optional<BodyMemory::Room> kept;
                for (int i = 0; i < 1'000; ++i) {
                    std::optional<BodyMemory::Room> room = memory.claim(100 * number);
                    if (room && i % 3 == 0) {
                        static_cast<void>(std::move(*room).seal(1));
                    } else if (room) {
                        kept = std::move(room);
                    }
                }
            });
        }
    }
    REQUIRE(memory.claim(all));
}

TEST_CASE("a body beyond its limit, or what was announced, is 413") {
    const TemporaryFolder place;
    const auto folder = Folder::open(place.path().string());
    BodyMemory memory(1'000, own_memory);
    const std::optional<std::uint64_t> announced = GENERATE(std::optional<std::uint64_t>(), 3);
    Spill spill(*folder, memory, announced ? 100 : 3, announced);
    REQUIRE_FALSE(spill.write(as_byte_view("abc")));
    REQUIRE(spill.write(as_byte_view("d"))->status == 413);
}

}  // namespace
}  // namespace penstock::gateway
