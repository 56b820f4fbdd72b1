// What goes wrong, and when: one fault after another of those that the seed has drawn, until there
// is peace.
//
// Thread rule: one thread.
#pragma once

#include <memory>
#include <vector>

#include "tests/simulation/broker_host.hpp"
#include "tests/simulation/producer.hpp"
#include "tests/simulation/worker_host.hpp"

namespace penstock::simulation {

class Faults final : public Party {
  public:
    Faults(const Plan& plan, Agenda& agenda, Network& network, BrokerHost& broker,
           std::vector<std::unique_ptr<Producer>>& producers,
           std::vector<std::unique_ptr<WorkerHost>>& hosts, Chance chance);

    void happens(std::uint32_t what, std::uint64_t detail) override;
    void make_peace();
    // The last one, for the trace.
    [[nodiscard]] const char* last() const { return last_; }

  private:
    enum What : std::uint32_t { strikes, network_recovers };

    void strike(Fault fault);
    void strike_broker(Fault fault);
    void strike_network(Fault fault);
    void strike_workers(Fault fault);
    void pause_somebody();
    void set_a_wall_clock();
    [[nodiscard]] Line* some_line();
    [[nodiscard]] WorkerHost& some_host() { return *hosts_[chance_.index(hosts_.size())]; }

    const Plan& plan_;
    Agenda& agenda_;
    Network& network_;
    BrokerHost& broker_;
    std::vector<std::unique_ptr<Producer>>& producers_;
    std::vector<std::unique_ptr<WorkerHost>>& hosts_;
    Chance chance_;
    std::vector<Fault> drawn_;
    const char* last_ = "";
    bool peace_ = false;
};

}  // namespace penstock::simulation
