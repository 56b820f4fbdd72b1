#include "broker/store/broker_life.hpp"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

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
        if (auto filled = fill_archive_entries(); !filled) {
            return filled;
        }
        carry_out(effects_);
        const Result<bool> read = read_wanted_bodies(now);
        if (!read) {
            return tl::unexpected(read.error());
        }
        effects_.clear();
        const Sequence durable = journal_.durable();
        if (durable == durable_) {
            if (*read) {
                continue;
            }
            return {};
        }
        durable_ = durable;
        scheduler_.handle(BecameDurable{durable}, now);
        journal_.trim(std::min(durable, scheduler_.unneeded_up_to()));
    }
}

Result<void> BrokerLife::fill_archive_entries() {
    for (ArchiveEntry& entry : effects_.archive_entries) {
        if (entry.body_in == 0) {
            continue;
        }
        const auto fill = [&](const Record& record, Sequence) {
            entry.task.body = std::get<TaskAccepted>(record).body;
        };
        if (auto read = journal_.read({&entry.body_in, 1}, fill); !read) {
            return read;
        }
    }
    return {};
}

Result<bool> BrokerLife::read_wanted_bodies(Instant now) {
    std::vector<Sequence>& wanted = effects_.wanted_bodies;
    if (wanted.empty()) {
        return false;
    }
    std::ranges::sort(wanted);
    wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
    BodiesRead bodies;
    const auto keep = [&](const Record& record, Sequence sequence) {
        const auto& accepted = std::get<TaskAccepted>(record);
        bodies.bodies.push_back({sequence, accepted.id, accepted.body});
    };
    if (auto read = journal_.read(wanted, keep); !read) {
        return tl::unexpected(read.error());
    }
    scheduler_.handle(std::move(bodies), now);
    return true;
}

}  // namespace penstock::broker
