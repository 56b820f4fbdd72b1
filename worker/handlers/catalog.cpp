#include "worker/handlers/catalog.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "worker/handlers/image/image.hpp"
#include "worker/handlers/math/math.hpp"
#include "worker/handlers/test/test.hpp"

namespace penstock::worker {
namespace {

// Sorted by name. The last ones are for tests, see test_types.
constexpr std::array entries{
    CatalogEntry{"image.resize", SlotClass::cpu, image::resize},
    CatalogEntry{"math.double", SlotClass::cpu, math::double_each},
    CatalogEntry{"math.lcg", SlotClass::cpu, math::lcg},
    CatalogEntry{"math.sleep", SlotClass::wait, math::sleep},
    CatalogEntry{"math.spin", SlotClass::cpu, math::spin},
    CatalogEntry{"math.square", SlotClass::cpu, math::square_each},
    CatalogEntry{"math.sum", SlotClass::cpu, math::sum},
    CatalogEntry{"test.crash", SlotClass::cpu, test::crash},
    CatalogEntry{"test.fail", SlotClass::cpu, test::fail_attempt},
    CatalogEntry{"test.hog", SlotClass::cpu, test::hog},
};
constexpr std::size_t test_types = 3;

bool wants_test_types() {
    // Read once, before anything in this program could change the environment.
    const char* wanted = std::getenv("PENSTOCK_TEST_HANDLERS");  // NOLINT(concurrency-mt-unsafe)
    return wanted != nullptr && std::string_view(wanted) == "1";
}

}  // namespace

std::span<const CatalogEntry> catalog() {
    static const std::span<const CatalogEntry> listed =
        std::span(entries).first(entries.size() - (wants_test_types() ? 0 : test_types));
    return listed;
}

const CatalogEntry* find_handler(std::string_view type) {
    const std::span<const CatalogEntry> listed = catalog();
    const auto found = std::ranges::lower_bound(listed, type, {}, &CatalogEntry::type);
    return found == listed.end() || found->type != type ? nullptr : &*found;
}

}  // namespace penstock::worker
