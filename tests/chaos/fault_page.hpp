// What the preloaded library does to a process, told through a small shared file. tests/chaos/
// fault_page.py writes the same bytes.
#pragma once

#include <cstdint>

namespace penstock::chaos {

// Names the file.
inline constexpr const char* fault_page_variable = "PENSTOCK_CHAOS_FAULTS";

// All zeros: nothing happens.
struct FaultPage {
    std::int64_t clock_offset_s = 0;  // added to what the wall clock says
    std::int32_t sync_delay_ms = 0;   // before each fdatasync and fsync
    std::int32_t sync_errno = 0;      // what each fdatasync and fsync fails with
    std::int32_t write_errno = 0;     // what each pwrite fails with
    std::int32_t syncs_delayed = 0;   // counted up by the process: proof that it was reached
};

}  // namespace penstock::chaos
