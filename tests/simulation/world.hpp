// Everything that one seed makes: a broker on its machine, producers, hosts of workers, the network
// between them, the faults, and the watch over it all. Runs until every producer has what it wants,
// or something is wrong.
//
// Thread rule: one thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/simulation/agenda.hpp"
#include "tests/simulation/broker_host.hpp"
#include "tests/simulation/faults.hpp"
#include "tests/simulation/invariants/digest.hpp"
#include "tests/simulation/invariants/watch.hpp"
#include "tests/simulation/network.hpp"
#include "tests/simulation/producer.hpp"
#include "tests/simulation/stranger.hpp"
#include "tests/simulation/worker_host.hpp"

namespace penstock::simulation {

class World {
  public:
    // `trace`: print every step.
    World(std::uint64_t seed, bool trace);

    // Ends early at the first violation.
    void run();
    [[nodiscard]] const Verdict& verdict() const { return verdict_; }
    [[nodiscard]] std::uint64_t steps() const { return steps_; }
    // A number for all that has happened.
    [[nodiscard]] std::uint64_t trace_digest() const { return trace_.value(); }

  private:
    void chaos();
    void peace();
    // Until `done` or so much time has passed.
    template <typename Done>
    bool run_until(const Done& done, Nanos most);
    void step(const Entry& entry);
    [[nodiscard]] bool is_content();
    void tell_who_waits();
    void check_the_end();

    Plan plan_;
    bool prints_;
    Chance chance_;
    Agenda agenda_;
    Network network_;
    Errands errands_;
    Verdict verdict_;
    Watch watch_;
    BrokerHost broker_;
    Shared shared_;
    std::vector<std::unique_ptr<Producer>> producers_;
    std::vector<std::unique_ptr<WorkerHost>> hosts_;
    Stranger stranger_;
    Faults faults_;
    std::uint64_t steps_ = 0;
    Digest trace_;
};

}  // namespace penstock::simulation
