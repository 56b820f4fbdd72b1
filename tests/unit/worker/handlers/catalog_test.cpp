#include "worker/handlers/catalog.hpp"

#include <cstdlib>
#include <set>
#include <string_view>

#include "tests/support/catch.hpp"
#include "worker/sdk/catalog.hpp"

namespace penstock::worker {
namespace {

TEST_CASE("the handlers that are built in make a catalog") {
    const Result<Catalog> catalog = Catalog::of(built_in_handlers());
    INFO((catalog ? "" : catalog.error().message));
    CHECK(catalog.has_value());
}

TEST_CASE("only what waits for something else holds a slot that waits") {
    const std::set<std::string_view> waiting{"exec.run", "math.sleep"};
    for (const HandlerEntry& entry : built_in_handlers()) {
        CHECK((entry.slot_class == SlotClass::wait) == waiting.contains(entry.type));
    }
}

// CTest runs this one twice, without and with the variable.
TEST_CASE("the types for tests are listed only where they are asked for") {
    const bool asked = std::getenv("PENSTOCK_TEST_HANDLERS") != nullptr;
    const Catalog catalog = Catalog::of(built_in_handlers()).value();
    for (const std::string_view type : {"test.crash", "test.echo", "test.fail", "test.hog"}) {
        CHECK((catalog.find(type) != nullptr) == asked);
    }
    CHECK(catalog.find("math.sum") != nullptr);
}

}  // namespace
}  // namespace penstock::worker
