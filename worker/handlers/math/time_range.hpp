// How long the handlers that only take time may be asked to take.
#pragma once

#include "worker/sdk/arguments.hpp"

namespace penstock::worker::math {

// Milliseconds; the upper end is a day, far beyond any time limit that makes sense for them.
inline constexpr IntegerRange time_range_ms{0, 86'400'000};

}  // namespace penstock::worker::math
