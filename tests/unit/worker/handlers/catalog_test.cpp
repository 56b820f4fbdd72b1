#include "worker/handlers/catalog.hpp"

#include <algorithm>
#include <cstdlib>

#include "tests/support/catch.hpp"

namespace penstock::worker {
namespace {

TEST_CASE("the catalog is sorted by type and lists none twice") {
    const auto listed = catalog();
    const auto disorder =
        std::ranges::adjacent_find(listed, std::ranges::greater_equal(), &CatalogEntry::type);
    CHECK(disorder == listed.end());
}

TEST_CASE("every entry has a valid name and a handler, and is found by its name") {
    REQUIRE_FALSE(catalog().empty());
    for (const CatalogEntry& entry : catalog()) {
        CHECK(is_valid_name(entry.type));
        CHECK(entry.handler != nullptr);
        CHECK(find_handler(entry.type) == &entry);
    }
}

TEST_CASE("a type that is not listed is not found") {
    for (const std::string_view type : {"", "math", "math.doubl", "math.doubles", "zzz", "a"}) {
        CHECK(find_handler(type) == nullptr);
    }
}

TEST_CASE("only sleeping needs a slot that waits") {
    for (const CatalogEntry& entry : catalog()) {
        const bool waits = entry.slot_class == SlotClass::wait;
        CHECK(waits == (entry.type == "math.sleep"));
    }
}

// CTest runs this one twice, without and with the variable.
TEST_CASE("the types for tests are listed only where they are asked for") {
    const bool asked = std::getenv("PENSTOCK_TEST_HANDLERS") != nullptr;
    for (const std::string_view type : {"test.crash", "test.fail", "test.hog"}) {
        CHECK((find_handler(type) != nullptr) == asked);
    }
    CHECK(find_handler("math.sum") != nullptr);
}

}  // namespace
}  // namespace penstock::worker
