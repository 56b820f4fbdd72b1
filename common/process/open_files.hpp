// How many files and connections the process may have open.
#pragma once

#include <cstdint>

namespace penstock::process {

// Raises the soft limit to the hard one, which is often a thousand times larger. Returns the limit
// that is now in force. Thread rule: any; it concerns the whole process and its later children.
std::uint64_t raise_open_files();

}  // namespace penstock::process
