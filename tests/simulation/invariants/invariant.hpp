// The things that must hold whatever happens, by their numbers, and the list of what did
// not.
//
// Thread rule: one thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace penstock::simulation {

enum class Invariant : std::uint8_t {
    accepted_is_kept = 1,
    one_end = 2,
    current_lease_records = 3,
    one_live_lease = 4,
    attempts_ascend = 5,
    durable_before_told = 6,
    recovery_is_the_journal = 7,
    one_task_per_id = 8,
    accounts_equal_recount = 9,
    slots_come_back = 10,
    poison_is_proven = 11,
    first_attempts_in_order = 12,
    bounded = 13,
    retry_budget = 14,
    all_ends_after_peace = 15,
    one_answer_per_ask = 16,
    strangers_change_nothing = 17,
    wall_clock_ends_no_lease = 18,
    drain_loses_nothing = 19,
    same_seed_same_trace = 20,
    starts_in_time = 21,
    full_disk_goes_on = 22,
};

struct InvariantInfo {
    Invariant invariant;
    const char* name;
    const char* rule;
    const char*
        not_applicable;  // the part of the rule that cannot be checked yet, and why; or null
};
inline constexpr std::size_t invariant_count = 22;
[[nodiscard]] const std::array<InvariantInfo, invariant_count>& invariants();
[[nodiscard]] std::string name(Invariant invariant);

class Verdict {
  public:
    void violated(Invariant invariant, const std::string& what) {
        violations_.push_back(name(invariant) + ": " + what);
    }
    [[nodiscard]] bool is_clean() const { return violations_.empty(); }
    [[nodiscard]] const std::vector<std::string>& violations() const { return violations_; }

  private:
    std::vector<std::string> violations_;
};

}  // namespace penstock::simulation
