#include "bench/system/answers.hpp"

#include "tests/support/catch.hpp"

namespace penstock::bench {
namespace {

constexpr std::uint32_t run = 3;

void take(Answers& answers, const Stamp& stamp) {
    const StampedBody body = stamped_body(stamp);
    answers.take(body);
}

TEST_CASE("a body tells its stamp") {
    for (const Stamp stamp : {Stamp{0, 0}, Stamp{1, 2}, Stamp{~0U, ~0U}}) {
        const StampedBody body = stamped_body(stamp);
        CHECK(read_stamp(body) == stamp);
    }
}

TEST_CASE("a body with any other byte tells nothing") {
    const StampedBody sent = stamped_body({1, 2});
    for (std::size_t at = 0; at < sent.size(); ++at) {
        StampedBody body = sent;
        body[at] ^= std::byte{1};
        CHECK_FALSE(read_stamp(body).has_value());
    }
    CHECK_FALSE(read_stamp(ByteView(sent).first(body_bytes - 1)).has_value());
    CHECK_FALSE(read_stamp({}).has_value());
}

TEST_CASE("each body once and right is no fault, whatever the order") {
    Answers answers(run);
    for (const std::uint32_t sequence : {2U, 0U, 1U}) {
        take(answers, {run, sequence});
    }
    CHECK(answers.right() == 3);
    CHECK(answers.faults(3) == 0);
}

TEST_CASE("a missing answer is a fault") {
    Answers answers(run);
    take(answers, {run, 1});
    CHECK(answers.faults(3) == 2);
}

TEST_CASE("a second answer is a fault, and does not stand in for a missing one") {
    Answers answers(run);
    take(answers, {run, 0});
    take(answers, {run, 0});
    CHECK(answers.right() == 1);
    CHECK(answers.faults(1) == 1);
    CHECK(answers.faults(2) == 2);
}

TEST_CASE("an answer of another run, to nothing that was sent, or an error is a fault") {
    Answers answers(run);
    take(answers, {run, 0});
    take(answers, {run - 1, 1});
    CHECK(answers.faults(1) == 1);
    take(answers, {run, 7});
    CHECK(answers.faults(1) == 2);
    answers.take_error();
    CHECK(answers.faults(1) == 3);
}

}  // namespace
}  // namespace penstock::bench
