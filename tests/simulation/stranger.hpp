// A peer that says what is not its to say: results of other people's leases, work on the wrong
// port, deaths of processes that it has nothing to do with. Nothing may come of it.
//
// Thread rule: one thread.
#pragma once

#include "tests/simulation/invariants/watch.hpp"
#include "tests/simulation/network.hpp"

namespace penstock::simulation {

class Stranger final : public Party {
  public:
    Stranger(const Plan& plan, Agenda& agenda, Network& network, Watch& watch, Chance chance);

    void happens(std::uint32_t what, std::uint64_t detail) override;
    void make_peace() { peace_ = true; }

  private:
    enum What : std::uint32_t { speaks };

    void speak();
    // As a worker that has joined, to steal the lease of another.
    void steal(const Lease& lease);
    // On the port of the producers.
    void mistake_the_port(const Lease& lease);

    Agenda& agenda_;
    Watch& watch_;
    Chance chance_;
    Nanos connected_at_ = -1;  // when it last tried to
    Line as_producer_;
    Line as_worker_;
    bool peace_ = false;
};

}  // namespace penstock::simulation
