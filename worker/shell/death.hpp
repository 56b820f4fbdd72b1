// What a worker process died of, from what it left behind.
//
// Thread rule: used by the supervisor's thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "common/model/time.hpp"
#include "common/process/spawn.hpp"
#include "common/protocol/message.hpp"
#include "worker/shell/slot_page.hpp"

namespace penstock::worker {

// Counts the kernel's kills for lack of memory in the control groups of this process.
class OomWatch {
  public:
    // `root` is "/" but in tests.
    explicit OomWatch(const std::filesystem::path& root);
    // Notes new kills. Call it now and then, so that a kill of somebody else's process does not
    // wait here for a death that it has nothing to do with.
    void look(TimePoint now);
    // Whether a kill explains a death that has just been found. A kill explains one death, and
    // only for a moment.
    [[nodiscard]] bool explains_death(TimePoint now);

  private:
    [[nodiscard]] std::uint64_t count() const;

    std::filesystem::path root_;
    std::uint64_t seen_ = 0;
    std::uint64_t unexplained_ = 0;  // kills that have explained no death
    TimePoint noted_at_{};           // the latest of them
};

// What the supervisor knows about a death beyond how it looks.
struct Circumstances {
    bool killed_as_stuck = false;  // by the watchdog
    bool out_of_memory = false;    // as OomWatch explains it
};

// For the broker; the number is the caller's to give. A process that left on purpose names no
// started leases, so that nothing is suspected.
[[nodiscard]] protocol::Obituary obituary_of(const ProcessMark& mark, const process::ChildEnd& end,
                                             const Circumstances& circumstances);
// For the metrics.
[[nodiscard]] EndReason reason_of(const protocol::Obituary& obituary,
                                  const Circumstances& circumstances);
// For people: "killed by signal 9 (Killed)".
[[nodiscard]] std::string describe(const protocol::Obituary& obituary);

}  // namespace penstock::worker
