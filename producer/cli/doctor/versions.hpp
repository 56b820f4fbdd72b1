// Whether the parts of Penstock that work together are of one version.
//
// Thread rule: free functions; check_programs() before any thread starts.
#pragma once

#include <string>

#include "producer/cli/doctor/finding.hpp"

namespace penstock::cli::doctor {

// `whose`: "broker". `version`: as it says itself.
[[nodiscard]] Finding judge_version(const std::string& whose, const std::string& version);

// This program with its libraries, and the others that lie beside it or on PATH.
[[nodiscard]] Findings check_programs();

}  // namespace penstock::cli::doctor
