#include "worker/sdk/catalog.hpp"

#include <string>

#include "tests/support/catch.hpp"

namespace penstock::worker {
namespace {

Result<Output> nothing(const Input& /*input*/, Context& /*context*/) {
    return Output{};
}

HandlerEntry entry(std::string_view type) {
    return {type, SlotClass::cpu, nothing};
}

std::string objection_to(std::vector<HandlerEntry> entries) {
    const Result<Catalog> catalog = Catalog::of(std::move(entries));
    REQUIRE_FALSE(catalog);
    CHECK(catalog.error().code == ErrorCode::malformed);
    return catalog.error().message;
}

TEST_CASE("the entries of a catalog are sorted by type and found by it") {
    const Result<Catalog> catalog = Catalog::of({entry("b"), entry("c"), entry("a.x")});
    REQUIRE(catalog);
    REQUIRE(catalog->entries().size() == 3);
    CHECK(catalog->entries().front().type == "a.x");
    for (const HandlerEntry& listed : catalog->entries()) {
        CHECK(catalog->find(listed.type) == &listed);
    }
    for (const std::string_view type : {"", "a", "a.", "a.xx", "bb", "zzz"}) {
        CHECK(catalog->find(type) == nullptr);
    }
}

TEST_CASE("a catalog refuses what no worker could offer, and says what it is") {
    CHECK(objection_to({}) == "a worker needs at least one handler");
    CHECK(objection_to({entry("two words")}) ==
          "'two words' cannot be a type: use 1 to 128 letters, digits and . _ - :");
    CHECK(objection_to({entry("a"), {"b", SlotClass::wait, nullptr}}) ==
          "the type 'b' has no handler");
    CHECK(objection_to({entry("a"), entry("b"), entry("a")}) == "the type 'a' is listed twice");
}

}  // namespace
}  // namespace penstock::worker
