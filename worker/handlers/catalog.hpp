// Every type that penstock-worker can run, as catalog.inc lists them.
//
// Thread rule: free functions, after the environment has been set up.
#pragma once

#include <vector>

#include "worker/sdk/handler.hpp"

namespace penstock::worker {

// The handlers themselves, so that none needs a header of its own.
#define PENSTOCK_HANDLER(type, slot_class, space, function)                      \
    namespace space {                                                            \
    [[nodiscard]] Result<Output> function(const Input& input, Context& context); \
    }
#include "worker/handlers/catalog.inc"
#undef PENSTOCK_HANDLER

// Types that begin with "test." misbehave on demand: they are listed only if the environment has
// PENSTOCK_TEST_HANDLERS=1, never in a product. exec.run is listed only if there is a command that
// it may run (exec/offer.hpp).
[[nodiscard]] std::vector<HandlerEntry> built_in_handlers();

}  // namespace penstock::worker
