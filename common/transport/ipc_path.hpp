// ZeroMQ removes whatever lies at an ipc path before it listens there: another broker's socket as
// well as a file of the user's. Private to this folder.
#pragma once

#include "common/model/result.hpp"
#include "common/transport/endpoint.hpp"

namespace penstock::transport {

// Refuses a path where somebody listens, or where something else than a socket lies. A socket that
// a dead process left behind may go; every tcp endpoint is fine.
// Errors: unavailable.
[[nodiscard]] Result<void> check_ipc_path(const Endpoint& endpoint);

}  // namespace penstock::transport
