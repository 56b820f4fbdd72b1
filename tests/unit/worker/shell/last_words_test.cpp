#include "worker/shell/last_words.hpp"

#include <array>
#include <fcntl.h>
#include <string>
#include <unistd.h>

#include "common/model/text.hpp"
#include "common/protocol/limits.hpp"
#include "tests/support/catch.hpp"

namespace penstock::worker {
namespace {

// The place that is ours on stderr: a pipe, so that it can be full.
class Reader {
  public:
    Reader() { REQUIRE(::pipe2(ends_.data(), O_CLOEXEC | O_NONBLOCK) == 0); }
    ~Reader() {
        ::close(ends_[0]);
        ::close(ends_[1]);
    }
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    [[nodiscard]] int descriptor() const { return ends_[1]; }
    void fill() const {
        const std::string some(4'096, '.');
        while (::write(ends_[1], some.data(), some.size()) > 0) {
        }
    }
    [[nodiscard]] std::string read() const {
        std::string all;
        std::array<char, 4'096> buffer{};
        for (ssize_t count = 0; (count = ::read(ends_[0], buffer.data(), buffer.size())) > 0;) {
            all.append(buffer.data(), static_cast<std::size_t>(count));
        }
        return all;
    }

  private:
    std::array<int, 2> ends_{-1, -1};
};

void say(const LastWords& words, const std::string& text) {
    REQUIRE(::write(words.child_end(), text.data(), text.size()) ==
            static_cast<ssize_t>(text.size()));
}

}  // namespace

TEST_CASE("what a child says is passed on as it is, and its end is kept") {
    const Reader reader;
    LastWords words = LastWords::create().value();
    say(words, "one\n");
    CHECK(words.pass_on(reader.descriptor()));
    CHECK(reader.read() == "one\n");
    say(words, "two");
    CHECK(words.take(reader.descriptor()) == "one\ntwo");
    CHECK(reader.read() == "two");
}

TEST_CASE("of a long speech the end is kept, in whole characters") {
    const Reader reader;
    LastWords words = LastWords::create().value();
    std::string all;
    for (int n = 0; n < 3'000; ++n) {
        all += "é";
        say(words, "é");
    }
    const std::string kept = words.take(reader.descriptor());
    CHECK(kept.size() <= protocol::last_words_bytes_max);
    CHECK(kept.size() > protocol::last_words_bytes_max - 4);
    CHECK(is_utf8(kept));
    CHECK(all.ends_with(kept));
    CHECK(reader.read() == all);
}

TEST_CASE("bytes that are no text are mended where they are kept, not where they are passed on") {
    const Reader reader;
    LastWords words = LastWords::create().value();
    say(words, "a\xff z");
    CHECK(words.take(reader.descriptor()) == "a? z");
    CHECK(reader.read() == "a\xff z");
}

TEST_CASE("where nobody reads the child waits, and its end is not lost for that") {
    const Reader reader;
    reader.fill();
    LastWords words = LastWords::create().value();
    say(words, "help");
    CHECK_FALSE(words.pass_on(reader.descriptor()));
    CHECK(words.take(reader.descriptor()) == "help");
}

TEST_CASE("a child that has closed its stderr is listened to no more") {
    const Reader reader;
    LastWords words = LastWords::create().value();
    say(words, "bye");
    words.close_child_end();
    CHECK(words.pass_on(reader.descriptor()));
    CHECK(words.pass_on(reader.descriptor()));
    CHECK(words.descriptor() == -1);
    CHECK(words.take(reader.descriptor()) == "bye");
}

}  // namespace penstock::worker
