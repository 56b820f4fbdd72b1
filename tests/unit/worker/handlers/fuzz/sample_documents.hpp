// Valid documents for every type: one row each, to be extended with every new handler.
//
// Thread rule: a free function.
#pragma once

#include <vector>

#include "tests/unit/worker/handlers/fuzz/argument_fuzz.hpp"

namespace penstock::worker::fuzz {

// What exec.run must be told to offer for its row.
inline constexpr const char* exec_template = R"(echo=["/bin/echo","{text}","--size={size}"])";

// Sorted by type.
[[nodiscard]] std::vector<Samples> sample_documents();

}  // namespace penstock::worker::fuzz
