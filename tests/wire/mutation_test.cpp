// Golden headers, broken at random: whatever arrives, decode() neither crashes nor takes more
// memory than the message's own size justifies, and what it lets in can be written again.
#include <algorithm>
#include <cstdlib>
#include <new>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "common/protocol/codec.hpp"
#include "tests/support/catch.hpp"
#include "tests/wire/golden.hpp"
#include "tests/wire/sample_messages.hpp"

namespace {

// Bytes asked for by operator new; this program has one thread.
std::size_t allocated_bytes = 0;

}  // namespace

void* operator new(std::size_t size) {
    allocated_bytes += size;
    void* memory = std::malloc(size == 0 ? 1 : size);
    if (memory == nullptr) {
        throw std::bad_alloc();
    }
    return memory;
}
void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
    allocated_bytes += size;
    return std::malloc(size == 0 ? 1 : size);
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t /*size*/) noexcept {
    std::free(memory);
}

namespace penstock::wire_test {
namespace {

using namespace protocol;

int rounds_to_play() {
    const char* wanted = std::getenv("PENSTOCK_TEST_LONG");
    return wanted != nullptr && std::string_view(wanted) == "1" ? 2'000'000 : 200'000;
}

// The hungriest row turns 2 bytes, an array's element of one character, into a string of 32.
constexpr std::size_t growth_max = 17;
// An error text and the first allocation of each list.
constexpr std::size_t allocation_base = 4096;

class Mutator {
  public:
    explicit Mutator(std::uint32_t seed) : random_(seed) {}

    std::size_t below(std::size_t end) {
        return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_);
    }

    // One to four changes.
    std::string broken(std::string text, const std::string& other) {
        for (std::size_t changes = 1 + below(4); changes > 0; --changes) {
            change(text, other);
        }
        return text;
    }

  private:
    char byte() {
        using namespace std::string_view_literals;
        // First bytes of MessagePack types and the ends of number ranges, or any.
        static constexpr std::string_view telling =
            "\x00\x01\x7f\x80\x90\x9f\xa0\xbf\xc0\xc1\xc2\xc3\xc4\xc5\xc6\xca\xcc\xcd\xce\xcf"
            "\xd0\xd3\xd9\xda\xdb\xdc\xdd\xde\xdf\xe0\xff"sv;
        return below(2) == 0 ? telling[below(telling.size())] : static_cast<char>(below(256));
    }

    void change(std::string& text, const std::string& other) {
        const std::size_t place = below(text.size() + 1);
        switch (below(5)) {
            case 0: text.resize(place); break;
            case 1: text.insert(place, 1 + below(4), byte()); break;
            case 2: text.erase(place, 1 + below(4)); break;
            case 3:
                text.replace(place, below(20), other.substr(below(other.size()), below(40)));
                break;
            case 4:
                if (place < text.size()) {
                    text[place] = byte();
                }
                break;
        }
    }

    std::mt19937 random_;
};

std::vector<std::string> golden_headers() {
    std::vector<std::string> headers;
    for (const Sample& sample : sample_messages()) {
        headers.emplace_back(as_text(read_golden(sample.name).front().view()));
    }
    return headers;
}

TEST_CASE("no broken message crashes the decoder or makes it take much memory") {
    const std::vector<std::string> headers = golden_headers();
    const int rounds = rounds_to_play();
    Mutator mutator(20'240'607);
    int accepted = 0;
    for (int round = 0; round < rounds; ++round) {
        const std::string& chosen = headers[mutator.below(headers.size())];
        const std::string& other = headers[mutator.below(headers.size())];
        const std::string header = mutator.broken(chosen, other);
        Frames frames = {SharedBytes::copy_of(header)};
        frames.resize(1 + mutator.below(3), SharedBytes::copy_of("body"));

        const std::size_t before = allocated_bytes;
        const Result<Message> decoded = decode(frames, Limits{});
        const std::size_t taken = allocated_bytes - before;
        if (taken > allocation_base + growth_max * header.size()) {
            INFO("round " << round << ", " << header.size() << " bytes took " << taken);
            FAIL();
        }
        if (decoded) {
            ++accepted;
            // Not the same bytes: numbers may have come in another width.
            if (decode(encode(*decoded), Limits{}) != decoded) {
                FAIL("round " << round << " does not survive encoding");
            }
        }
    }
    // Some mutants are messages, most are not; otherwise this test tests nothing.
    CHECK(accepted > rounds / 100);
    CHECK(accepted < rounds / 2);
}

TEST_CASE("a header full of the hungriest rows takes a bounded amount of memory") {
    // ANSWER of workers, each with lists of the shortest names.
    WorkerRow row;
    row.site.host = "h";
    row.queues.assign(1024, "q");
    row.labels.assign(1024, "l");
    row.types.assign(1024, "t");
    const Frames frames =
        encode(Answer{1, QueryKind::workers, std::vector<WorkerRow>(160, row), 0});
    REQUIRE(frames.at(0).size() < Limits{}.header_max_bytes);
    const std::size_t before = allocated_bytes;
    const Result<Message> decoded = decode(frames, Limits{});
    const std::size_t taken = allocated_bytes - before;
    REQUIRE(decoded);
    CHECK(taken < allocation_base + growth_max * frames.at(0).size());
}

}  // namespace
}  // namespace penstock::wire_test
