#include "broker/store/broker_life.hpp"

#include <algorithm>

namespace penstock::broker {

Result<void> BrokerLife::recover(Instant now) {
    if (auto replayed = journal_.replay(
            [&](const Record& record, Sequence sequence) { scheduler_.restore(record, sequence); });
        !replayed) {
        return replayed;
    }
    const Result<Epoch> epoch = journal_.begin_epoch(now);
    if (!epoch) {
        return tl::unexpected(epoch.error());
    }
    epoch_ = *epoch;
    return {};
}

void BrokerLife::begin(Instant now) {
    durable_ = journal_.durable();
    scheduler_.begin(epoch_, durable_, now);
}

Result<void> BrokerLife::turn(Instant now, const CarryOut& carry_out) {
    while (true) {
        scheduler_.advance(now, effects_);
        if (auto appended = journal_.append(effects_.records); !appended) {
            return appended;
        }
        carry_out(effects_);
        effects_.clear();
        const Sequence durable = journal_.durable();
        if (durable == durable_) {
            return {};
        }
        durable_ = durable;
        scheduler_.handle(BecameDurable{durable}, now);
        journal_.trim(std::min(durable, scheduler_.unneeded_up_to()));
    }
}

}  // namespace penstock::broker
