#include "worker/core/outcome_box.hpp"

#include "common/protocol/codec.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/worker/core/leases.hpp"

namespace penstock::worker {
namespace {

protocol::Outcome outcome(std::uint8_t number, std::size_t payload_bytes = 0) {
    const std::string bytes(payload_bytes, 'x');
    return {lease(number), 0, {}, {}, {{}, SharedBytes::copy_of(bytes)}};
}

std::size_t count(const std::vector<protocol::OutcomeBatch>& batches) {
    std::size_t total = 0;
    for (const auto& batch : batches) {
        total += batch.outcomes.size();
    }
    return total;
}

TEST_CASE("outcomes go out once, together") {
    OutcomeBox box(wire_limits);
    box.add(outcome(1));
    box.add(outcome(2));
    const auto batches = box.take_unsent({1});
    REQUIRE(batches.size() == 1);
    REQUIRE(batches[0].epoch == Epoch{1});
    REQUIRE(batches[0].outcomes.size() == 2);
    REQUIRE(box.take_unsent({1}).empty());
    REQUIRE_FALSE(box.empty());
}

TEST_CASE("settled outcomes are forgotten, others are sent again when asked") {
    OutcomeBox box(wire_limits);
    box.add(outcome(1));
    box.add(outcome(2));
    static_cast<void>(box.take_unsent({1}));
    box.settle({lease(1).task});
    box.send_all_again();
    const auto again = box.take_unsent({1});
    REQUIRE(count(again) == 1);
    REQUIRE(again[0].outcomes[0].lease == lease(2));
}

TEST_CASE("settling cannot hit an outcome that has not been sent") {
    OutcomeBox box(wire_limits);
    box.add(outcome(1));
    box.settle({lease(1).task});
    REQUIRE(count(box.take_unsent({1})) == 1);
}

TEST_CASE("of two attempts of one task the first is settled first") {
    OutcomeBox box(wire_limits);
    box.add(outcome(1));
    protocol::Outcome second = outcome(1);
    second.lease.attempt = 2;
    box.add(second);
    static_cast<void>(box.take_unsent({1}));
    box.settle({lease(1).task});
    REQUIRE(box.all().size() == 1);
    REQUIRE(box.all().front().lease.attempt == 2);
}

TEST_CASE("a message holds at most as many outcomes as the wire allows") {
    OutcomeBox box(wire_limits);
    for (int i = 0; i < 2'500; ++i) {
        box.add(outcome(1));
    }
    const auto batches = box.take_unsent({1});
    REQUIRE(batches.size() == 3);
    REQUIRE(batches[0].outcomes.size() == 1'024);
    REQUIRE(count(batches) == 2'500);
}

TEST_CASE("inline bytes close a message before its header gets too long") {
    OutcomeBox box(wire_limits);
    for (int i = 0; i < 12; ++i) {
        box.add(outcome(1, protocol::inline_body_max_bytes));
    }
    const auto batches = box.take_unsent({1});
    REQUIRE(count(batches) == 12);
    for (const auto& batch : batches) {
        REQUIRE(batch.outcomes.size() <= 4);
        REQUIRE(protocol::encode(batch).front().size() <= protocol::Limits{}.header_max_bytes);
    }
}

TEST_CASE("large bodies close a message before all its frames get too long") {
    OutcomeBox box(wire_limits);
    for (int i = 0; i < 3; ++i) {
        box.add(outcome(1, std::size_t{30} << 20U));
    }
    const auto batches = box.take_unsent({1});
    REQUIRE(batches.size() == 2);
    REQUIRE(batches[0].outcomes.size() == 2);
}

TEST_CASE("an outcome that fills a message alone is sent all the same") {
    OutcomeBox box(wire_limits);
    protocol::Outcome huge = outcome(1, std::size_t{32} << 20U);
    huge.output.args = huge.output.payload;
    box.add(huge);
    box.add(outcome(2));
    REQUIRE(count(box.take_unsent({1})) == 2);
}

}  // namespace
}  // namespace penstock::worker
