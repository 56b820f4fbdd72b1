#include "worker/handlers/catalog.hpp"

#include <cstdlib>
#include <string_view>

#include "worker/handlers/exec/offer.hpp"

namespace penstock::worker {
namespace {

bool wants_test_types() {
    // Read once, before anything in this program could change the environment.
    const char* wanted = std::getenv("PENSTOCK_TEST_HANDLERS");  // NOLINT(concurrency-mt-unsafe)
    return wanted != nullptr && std::string_view(wanted) == "1";
}

}  // namespace

std::vector<HandlerEntry> built_in_handlers() {
    std::vector<HandlerEntry> listed{
#define PENSTOCK_HANDLER(type, slot_class, space, function) \
    {type, SlotClass::slot_class, space::function},
#include "worker/handlers/catalog.inc"
#undef PENSTOCK_HANDLER
    };
    if (!wants_test_types()) {
        std::erase_if(listed, [](const auto& entry) { return entry.type.starts_with("test."); });
    }
    if (exec::offer().templates.empty()) {
        std::erase_if(listed, [](const auto& entry) { return entry.type == "exec.run"; });
    }
    return listed;
}

}  // namespace penstock::worker
