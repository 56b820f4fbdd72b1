#include "broker/core/kept_body.hpp"

#include <memory>
#include <string>

#include "common/protocol/limits.hpp"
#include "tests/support/catch.hpp"

namespace penstock::broker {
namespace {

constexpr std::size_t large_bytes = protocol::inline_body_max_bytes + 1;

SharedBytes filled(std::size_t bytes, char letter) {
    return SharedBytes::copy_of(std::string(bytes, letter));
}

}  // namespace

TEST_CASE("a kept body is the body that was given") {
    const std::size_t args_bytes = GENERATE(std::size_t{0}, std::size_t{3}, large_bytes);
    const std::size_t payload_bytes = GENERATE(std::size_t{0}, std::size_t{200}, large_bytes);
    const Body body{filled(args_bytes, 'a'), filled(payload_bytes, 'p')};
    const KeptBody kept(body);
    CHECK(kept.whole() == body);
    CHECK(kept.size_bytes() == args_bytes + payload_bytes);
}

TEST_CASE("nothing is kept of the batch that a small body came in") {
    std::weak_ptr<const void> batch;
    KeptBody kept;
    {
        const auto frame = std::make_shared<std::string>(10'000, 'x');
        batch = frame;
        const SharedBytes all(frame, as_byte_view(*frame));
        kept = KeptBody({all.slice(100, 20), all.slice(200, 30)});
    }
    CHECK(batch.expired());
    CHECK(kept.size_bytes() == 50);
}

TEST_CASE("a large part is shared, not copied, and the small one beside it is not") {
    const SharedBytes large = filled(large_bytes, 'p');
    const SharedBytes small = filled(10, 'a');
    const Body kept = KeptBody({small, large}).whole();
    CHECK(kept.payload.view().data() == large.view().data());
    CHECK(kept.args.view().data() != small.view().data());
}

TEST_CASE("a body that is away has its size, and one without bytes is never away") {
    const Body body{filled(10, 'a'), filled(GENERATE(std::size_t{0}, large_bytes), 'p')};
    KeptBody kept(body);
    kept.put_away();
    CHECK_FALSE(kept.is_here());
    CHECK(kept.size_bytes() == body.size_bytes());
    kept = KeptBody(body);
    CHECK(kept.is_here());
    CHECK(kept.whole() == body);

    KeptBody empty;
    empty.put_away();
    CHECK(empty.is_here());
    CHECK(empty.whole() == Body{});
}

TEST_CASE("what was given out outlives what was kept") {
    Body out;
    {
        const KeptBody kept({filled(100, 'a'), filled(100, 'p')});
        out = kept.whole();
    }
    CHECK(out == Body{filled(100, 'a'), filled(100, 'p')});
}

}  // namespace penstock::broker
