// What an application wants done, and how it goes when it is tried: known to the world, not to the
// parts under test.
//
// Thread rule: values.
#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "common/model/task.hpp"
#include "tests/simulation/chance.hpp"
#include "tests/simulation/plan.hpp"

namespace penstock::simulation {

using ErrandNumber = std::uint32_t;

// What the handler does with it.
enum class Nature : std::uint8_t {
    willing,   // succeeds, or fails now and then
    hopeless,  // always fails
    refused,   // is rejected
    deadly,    // kills its process
    endless,   // never ends by itself
};

struct Errand {
    ErrandNumber number = 0;
    TaskId id;
    std::string type;
    std::string queue;
    TaskOptions options;
    Body body;
    std::uint64_t digest = 0;  // of the body
    Nature nature = Nature::willing;
    bool stubborn = false;  // goes on when it is told to stop
};

// Whether it is kept in memory only, and ends with the broker.
[[nodiscard]] inline bool is_in_memory(const Errand& errand) {
    return errand.options.durability == Durability::memory;
}
// Whether it may not start at once, or expires.
[[nodiscard]] inline bool is_timed(const Errand& errand) {
    const TaskOptions& options = errand.options;
    return options.delay.count() > 0 || options.run_at > 0 || options.expires_in.count() > 0 ||
           options.expires_at > 0;
}

// One that does not say when it was made.
[[nodiscard]] TaskId id_of(ErrandNumber number);
[[nodiscard]] ErrandNumber number_of(const TaskId& id);

// The types that there are; `strange_type` is offered by nobody until there is peace.
inline constexpr const char* quick_type = "quick";
inline constexpr const char* slow_type = "slow";
inline constexpr const char* idle_type = "idle";
inline constexpr const char* strange_type = "strange";
inline constexpr const char* probe_type = "probe";
inline constexpr const char* probe_wait_type = "probe.wait";
// Where the stranger says that he works.
inline constexpr const char* stranger_host = "nowhere";

class Errands {
  public:
    Errands(const Plan& plan, Chance chance) : plan_(plan), chance_(chance) {}
    // `alike` has the same type, queue and options, or there is none. `unix_ms`: what the clock of
    // the inventor says.
    const Errand& invent(const Errand* alike, std::int64_t unix_ms);
    const Errand& invent_probe(const std::string& type, const std::string& queue);
    [[nodiscard]] const Errand& operator[](ErrandNumber number) const { return all_[number]; }
    [[nodiscard]] std::size_t size() const { return all_.size(); }

  private:
    Errand& add();
    void give_options(TaskOptions& options);

    const Plan& plan_;
    Chance chance_;
    std::deque<Errand> all_;
};

// What an attempt under this lease hands back; it proves which one was recorded.
[[nodiscard]] Body proof(const Lease& lease);

}  // namespace penstock::simulation
