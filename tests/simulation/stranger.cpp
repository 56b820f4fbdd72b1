#include "tests/simulation/stranger.hpp"

namespace penstock::simulation {

Stranger::Stranger(const Plan& plan, Agenda& agenda, Network& network, Watch& watch, Chance chance)
    : Party("stranger"),
      agenda_(agenda),
      watch_(watch),
      chance_(chance),
      as_producer_(network, *this, Port::frontend, true),
      as_worker_(network, *this, Port::backend, true) {
    if (plan.has(Fault::stranger)) {
        agenda_.add_for_any_life(100 * millisecond, *this, speaks);
    }
}

void Stranger::happens(std::uint32_t what, std::uint64_t detail) {
    if (what == Line::arrival) {
        static_cast<void>(as_producer_.take(detail));
        static_cast<void>(as_worker_.take(detail));
    } else if (what == Line::connecting && agenda_.now() != connected_at_) {
        // Once at a time for both lines, each of which may ask for another try.
        connected_at_ = agenda_.now();
        if (as_producer_.connect()) {
            static_cast<void>(as_producer_.send(protocol::Hello{"stranger"}));
        }
        static_cast<void>(as_worker_.connect());
    } else if (what == speaks && !peace_) {
        speak();
        agenda_.add(agenda_.now() + chance_.time(millisecond, 200 * millisecond), *this, speaks);
    }
}

void Stranger::speak() {
    if (!as_producer_.is_connected() || !as_worker_.is_connected()) {
        as_producer_.open();
        as_worker_.open();
        return;
    }
    if (const Lease* const lease = watch_.some_lease(chance_)) {
        if (chance_.percent(70)) {
            steal(*lease);
        } else {
            mistake_the_port(*lease);
        }
    }
}

void Stranger::steal(const Lease& lease) {
    protocol::Join join;
    join.worker.bytes[15] = 99;
    join.site.host = stranger_host;
    join.types = {{"nothing", SlotClass::cpu}};
    join.slots = {1, 1};
    if (chance_.percent(30)) {
        join.held.push_back(lease);
    }
    static_cast<void>(as_worker_.send(join));
    protocol::Outcome outcome;
    outcome.lease = lease;
    switch (chance_.below(6)) {
        case 0: ++outcome.lease.attempt; break;
        case 1: outcome.lease.nonce ^= 1U; break;
        case 2: --outcome.lease.epoch.value; break;
        default: break;
    }
    switch (chance_.below(4)) {
        case 0: outcome.error = Error{ErrorCode::rejected, "stolen"}; break;
        case 1: outcome.error = Error{ErrorCode::failed, "stolen"}; break;
        default: outcome.output = proof(lease); break;
    }
    if (chance_.percent(30)) {
        static_cast<void>(as_worker_.send(protocol::Returned{lease.epoch, {lease}}));
    } else {
        static_cast<void>(as_worker_.send(protocol::OutcomeBatch{outcome.lease.epoch, {outcome}}));
    }
}

void Stranger::mistake_the_port(const Lease& lease) {
    switch (chance_.below(3)) {
        case 0:
            static_cast<void>(as_producer_.send(
                protocol::OutcomeBatch{lease.epoch, {{lease, 0, {}, {}, proof(lease)}}}));
            return;
        case 1: {
            protocol::Submit submit{quick_type, "default", {}, {{id_of(1'000'000), {}}}};
            static_cast<void>(as_worker_.send(submit));
            return;
        }
        default: static_cast<void>(as_worker_.send(protocol::Cancel{{lease.task}})); return;
    }
}

}  // namespace penstock::simulation
