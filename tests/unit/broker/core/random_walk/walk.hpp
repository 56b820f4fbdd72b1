// One walk: clients, workers and a reporter, many random steps, then peace and the last checks.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "tests/unit/broker/core/random_walk/client.hpp"
#include "tests/unit/broker/core/random_walk/worker.hpp"
#include "tests/unit/broker/core/random_walk/world.hpp"

namespace penstock::broker::walk {

class Walk {
  public:
    explicit Walk(std::uint64_t seed);

    // Ends early at the first fault.
    void run(int steps);
    [[nodiscard]] const std::vector<std::string>& faults() { return world_.truth().faults(); }
    // How much has happened, to see that the walk goes somewhere.
    [[nodiscard]] std::uint64_t count_ended(TaskState state) const;

  private:
    void step();
    void let_time_pass();
    void everybody_speaks();
    void bury(std::size_t worker);
    void tell_of_the_dead();
    void hire(bool knows_everything);
    // No more faults: everything that was accepted comes to its end.
    void make_peace();
    void peaceful_round();
    // Every slot that ever was taken is there again.
    void fill_all_slots();
    void remove_the_gone();

    World world_;
    std::vector<Client> clients_;
    std::vector<Worker> workers_;
    Connection reporter_ = no_connection;
    std::deque<protocol::Obituary> dead_;
    std::uint64_t hired_ = 0;
    std::uint64_t buried_ = 0;
};

}  // namespace penstock::broker::walk
