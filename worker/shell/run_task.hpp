// One attempt: finds the handler, reads the arguments, calls, and turns whatever happens into an
// outcome. The door at which exceptions of handlers and of libraries under them stop.
//
// Thread rule: any thread.
#pragma once

#include "common/model/result.hpp"
#include "worker/core/effect.hpp"
#include "worker/sdk/catalog.hpp"
#include "worker/sdk/handler.hpp"

namespace penstock::worker {

// The result as it travels, or what went wrong: rejected, failed, cancelled or no_handler.
[[nodiscard]] Result<Body> run_task(const Catalog& catalog, const Work& work, Context& context);

// The same for a given handler.
[[nodiscard]] Result<Body> run_handler(Handler handler, const Work& work, Context& context);

}  // namespace penstock::worker
