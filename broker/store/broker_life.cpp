#include "broker/store/broker_life.hpp"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>
#include <vector>

namespace penstock::broker {
namespace {

// Of bodies, in one turn: others speak between.
constexpr int readings_max = 4;

}  // namespace

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
    has_more_ = false;
    for (int readings = 0;;) {
        scheduler_.advance(now, effects_);
        if (auto appended = journal_.append(effects_.records); !appended) {
            return appended;
        }
        if (auto read = read_bodies(journal_, effects_.archive_entries); !read) {
            return read;
        }
        carry_out(effects_);
        const Result<bool> read = read_wanted_bodies(now);
        if (!read) {
            return tl::unexpected(read.error());
        }
        effects_.clear();
        const Sequence durable = journal_.durable();
        if (durable == durable_ && !*read) {
            return {};
        }
        if (durable != durable_) {
            durable_ = durable;
            scheduler_.handle(BecameDurable{durable}, now);
            journal_.trim(std::min(durable, scheduler_.unneeded_up_to()));
        }
        readings += *read ? 1 : 0;
        if (readings == readings_max) {
            has_more_ = true;
            return {};
        }
    }
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
        if (const auto* accepted = std::get_if<TaskAccepted>(&record)) {
            bodies.bodies.push_back({sequence, accepted->id, accepted->body});
        }
    };
    if (auto read = journal_.read(wanted, keep); !read) {
        return tl::unexpected(read.error());
    }
    scheduler_.handle(std::move(bodies), now);
    return true;
}

Result<void> read_bodies(Journal& journal, std::span<ArchiveEntry> entries) {
    std::vector<std::pair<Sequence, ArchiveEntry*>> missing;
    for (ArchiveEntry& entry : entries) {
        if (entry.body_in > 0) {
            missing.emplace_back(entry.body_in, &entry);
        }
    }
    std::ranges::sort(missing);
    std::vector<Sequence> numbers;
    std::ranges::transform(missing, std::back_inserter(numbers),
                           [](const auto& one) { return one.first; });
    std::size_t at = 0;
    const auto fill = [&](const Record& record, Sequence) {
        ArchiveEntry& entry = *missing[at++].second;
        if (const auto* accepted = std::get_if<TaskAccepted>(&record)) {
            entry.task.body = accepted->body;
        }
        entry.body_in = 0;
    };
    while (at < numbers.size()) {
        if (auto read = journal.read(std::span(numbers).subspan(at), fill); !read) {
            return tl::unexpected(read.error());
        }
    }
    return {};
}

}  // namespace penstock::broker
