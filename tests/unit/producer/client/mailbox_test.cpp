#include "producer/client/mailbox.hpp"

#include <poll.h>
#include <thread>

#include "tests/support/catch.hpp"

namespace penstock::client {
namespace {

bool readable(int descriptor, int timeout_ms) {
    pollfd watched{descriptor, POLLIN, 0};
    return ::poll(&watched, 1, timeout_ms) == 1;
}

TEST_CASE("values come out in the order they went in, all at once") {
    Mailbox<int> mailbox;
    REQUIRE_FALSE(readable(mailbox.descriptor(), 0));
    mailbox.push(1);
    mailbox.push(2);
    REQUIRE(readable(mailbox.descriptor(), 0));
    std::vector<int> values{9};
    mailbox.take(values);
    REQUIRE(values == std::vector<int>{1, 2});
    REQUIRE_FALSE(readable(mailbox.descriptor(), 0));
    mailbox.take(values);
    REQUIRE(values.empty());
}

TEST_CASE("a mailbox wakes without a value, too") {
    Mailbox<int> mailbox;
    mailbox.wake();
    REQUIRE(readable(mailbox.descriptor(), 0));
}

TEST_CASE("nothing is lost between threads") {
    Mailbox<int> mailbox;
    constexpr int count = 10'000;
    std::thread sender([&] {
        for (int i = 0; i < count; ++i) {
            mailbox.push(i);
        }
    });
    int next = 0;
    std::vector<int> values;
    while (next < count && readable(mailbox.descriptor(), 10'000)) {
        mailbox.take(values);
        for (const int value : values) {
            next += value == next ? 1 : 0;
        }
    }
    sender.join();
    REQUIRE(next == count);
}

}  // namespace
}  // namespace penstock::client
