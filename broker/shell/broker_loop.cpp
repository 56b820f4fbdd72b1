#include "broker/shell/broker_loop.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <sys/random.h>
#include <utility>
#include <variant>

#include "common/telemetry/log.hpp"

namespace penstock::broker {
namespace {

// Messages taken from one socket before the broker acts: enough to batch, few enough that nobody
// waits long.
constexpr int drain_max = 256;
// The same in bytes of first frames, which hold all small tasks and ends: no further message when
// there is half a millisecond of work. Were it more, workers would have finished what they hold,
// and wait, while the broker is still busy with what they sent; then it would wait for them.
constexpr std::size_t drain_small_bytes_max = std::size_t{32} << 10U;
// And of all frames: what one turn decides becomes durable together. With the largest message of
// each port on top it still fits into the reserve of the journal.
constexpr std::size_t drain_bytes_max = std::size_t{8} << 20U;
// When a slow reader's queue is looked at again.
constexpr std::chrono::milliseconds retry_interval{1};
// Messages that ZeroMQ queues per peer before the broker keeps them itself, where it can count
// their bytes. More than a reader that keeps up ever has waiting, few enough that one that does not
// read holds little.
constexpr int send_queue_max = 32;
// Messages of one peer that ZeroMQ has read ahead: as many as a turn takes of the smallest.
constexpr int receive_queue_max = drain_max;
// How often the segments of dead producers and workers are looked for.
constexpr std::chrono::milliseconds housekeeping_interval{500};
// How long an obituary waits for the last words of its process while the backend is flooded.
constexpr std::chrono::milliseconds obituary_wait_max{100};

std::uint64_t random_seed() {
    std::uint64_t seed = 0;
    // A failure leaves 0, which still works: the seed decides jitter and nonces, not safety.
    static_cast<void>(::getrandom(&seed, sizeof seed, 0));
    return seed;
}

protocol::Limits limits_from(const Settings& settings) {
    protocol::Limits limits;
    limits.body_max_bytes = settings.body_max_bytes;
    limits.batch_max = settings.batch_max;
    return limits;
}

Settings settings_for(const Config& config, const Journal& journal) {
    Settings settings = config.settings;
    settings.durability = journal.level();
    settings.archive = true;
    return settings;
}

}  // namespace

BrokerLoop::BrokerLoop(const Config& config, Journal& journal, Archive& archive,
                       transport::Context& context)
    : limits_(limits_from(config.settings)),
      patience_(config.settings.liveness),
      journal_(journal),
      archive_(archive),
      archive_line_(archive),
      frontend_(context, {protocol::frame_max_bytes(limits_), send_queue_max, receive_queue_max}),
      backend_(context, {protocol::frame_max_bytes(limits_), send_queue_max, receive_queue_max}),
      shared_(config.no_shared_memory ? std::string() : shm::memory_domain()),
      life_(settings_for(config, journal), journal, random_seed(), Instant::read()),
      scheduler_(life_.scheduler()),
      backups_(journal) {}

Result<void> BrokerLoop::recover() {
    archive_line_.begin(scheduler_);
    if (auto recovered = life_.recover(Instant::read()); !recovered) {
        return recovered;
    }
    archive_.start(journal_.durable());
    life_.begin(Instant::read());
    return {};
}

Result<void> BrokerLoop::bind(const Config& config) {
    const auto open = [](transport::Router& socket, const auto& endpoints,
                         const char* whom) -> Result<void> {
        for (const transport::Endpoint& endpoint : endpoints) {
            const Result<std::string> bound = socket.bind(endpoint);
            if (!bound) {
                return tl::unexpected(bound.error());
            }
            telemetry::info("listening for {} endpoint={}", whom, *bound);
        }
        return {};
    };
    if (auto opened = open(frontend_, config.frontends, "producers"); !opened) {
        return opened;
    }
    return open(backend_, config.backends, "workers");
}

Result<void> BrokerLoop::run(process::SignalQueue& signals) {
    transport::Poller poller;
    const std::size_t from_producers = poller.watch(frontend_);
    const std::size_t from_workers = poller.watch(backend_);
    static_cast<void>(poller.watch(signals.descriptor()));
    const std::size_t from_archive = poller.watch(archive_.wake_descriptor());
    if (const auto journal_wakes = journal_.wake_descriptor()) {
        static_cast<void>(poller.watch(*journal_wakes));
    }
    while (true) {
        const bool is_held = journal_.wants_flush();
        wait(poller, is_held);
        if (signals.next()) {
            telemetry::info("stopping");
            return {};
        }
        const Instant now = Instant::read();
        // Workers first: what they finish makes room for what producers bring.
        const bool workers_wait =
            poller.ready(from_workers) && drain(Peers::Port::backend, backend_, now);
        const bool producers_wait =
            poller.ready(from_producers) && drain(Peers::Port::frontend, frontend_, now);
        more_waits_ = workers_wait || producers_wait;
        take_obituaries(workers_wait, now);
        if (poller.ready(from_archive)) {
            send_answers(now);
        }
        retry_slow_readers(now);
        look_at_disk(now);
        return_slots(now);
        if (auto done = turn(now); !done) {
            return done;
        }
        if (is_held && journal_.wants_flush()) {
            const bool others_wait = more_waits_ || life_.has_more() || poller.look();
            if (auto done = flush(others_wait ? Flush::elsewhere : Flush::here); !done) {
                return done;
            }
        }
        if (std::optional<Outgoing> part = backups_.answer_next()) {
            send(*part, now);
        }
        more_waits_ = more_waits_ || backups_.has_work();
    }
}

void BrokerLoop::wait(transport::Poller& poller, bool is_held) {
    if (more_waits_ || life_.has_more()) {
        poller.look();
    } else if (is_held) {
        static_cast<void>(poller.look(hold_) || poller.look());
    } else {
        const Instant now = Instant::read();
        auto longest = std::max(Duration::zero(), scheduler_.next_deadline() - now.steady);
        if (peers_.has_kept()) {
            longest = std::min<Duration>(longest, retry_interval);
        }
        poller.wait(longest);
    }
}

bool BrokerLoop::drain(Peers::Port port, transport::Router& socket, Instant now) {
    transport::Incoming incoming;
    const std::uint64_t borrowed_before = shared_.borrowed_bytes();
    std::size_t small_bytes = 0;
    std::size_t bytes = 0;
    for (int n = 0; n < drain_max; ++n) {
        if (small_bytes >= drain_small_bytes_max ||
            bytes + (shared_.borrowed_bytes() - borrowed_before) >= drain_bytes_max) {
            break;
        }
        if (!socket.receive(incoming)) {
            return false;
        }
        small_bytes += incoming.frames.empty() ? 0 : incoming.frames.front().size();
        for (const SharedBytes& frame : incoming.frames) {
            bytes += frame.size();
        }
        take(port, incoming, now);
    }
    return true;
}

void BrokerLoop::take(Peers::Port port, const transport::Incoming& incoming, Instant now) {
    const SessionId session = peers_.session_of(port, incoming.peer);
    Result<protocol::Message> message =
        protocol::decode(incoming.frames, limits_, &shared_.refs(session));
    if (!message) {
        telemetry::debug("refused a message session={} code={} reason={}", session,
                         name(message.error().code), message.error().message);
        scheduler_.handle(BadMessage{session, std::move(message.error())}, now);
        return;
    }
    take_memory(session, *message);
    if (port == Peers::Port::frontend) {
        scheduler_.handle(FrontendMessage{session, std::move(*message)}, now);
        return;
    }
    // What a reporter says after an obituary waits with it, so that its messages keep their order.
    if (std::holds_alternative<protocol::Obituary>(*message) ||
        std::ranges::find(obituaries_, session, &BackendMessage::session) != obituaries_.end()) {
        obituaries_since_ = obituaries_.empty() ? now.steady : obituaries_since_;
        obituaries_.push_back({session, std::move(*message)});
        return;
    }
    scheduler_.handle(BackendMessage{session, std::move(*message)}, now);
}

void BrokerLoop::take_memory(SessionId session, const protocol::Message& message) {
    if (const auto* hello = std::get_if<protocol::Hello>(&message)) {
        telemetry::debug("hello session={} name={}", session, hello->name);
        shared_.begin(session, hello->memory, SharedBodies::Borrowed::held);
    } else if (const auto* join = std::get_if<protocol::Join>(&message)) {
        shared_.begin(session, join->memory, SharedBodies::Borrowed::copied);
    } else if (const auto* slots = std::get_if<protocol::SlotsRead>(&message)) {
        shared_.read(session, slots->count);
    } else if (std::holds_alternative<protocol::NoMemory>(message)) {
        telemetry::debug("session={} cannot read shared memory", session);
        shared_.send_frames_to(session);
    }
}

void BrokerLoop::return_slots(Instant now) {
    for (SharedBodies::Return& returned : shared_.take_returns()) {
        Outgoing outgoing{returned.session, std::move(returned.slots)};
        send(outgoing, now);
    }
    if (now.steady >= next_housekeeping_) {
        next_housekeeping_ = now.steady + housekeeping_interval;
        shared_.keep_house();
    }
}

void BrokerLoop::take_obituaries(bool workers_wait, Instant now) {
    // Last words first: what a dead process still got out has been read when nothing waits.
    if (obituaries_.empty() ||
        (workers_wait && now.steady - obituaries_since_ < obituary_wait_max)) {
        return;
    }
    for (BackendMessage& obituary : obituaries_) {
        scheduler_.handle(std::move(obituary), now);
    }
    obituaries_.clear();
}

void BrokerLoop::look_at_disk(Instant now) {
    if (const DiskReport disk = journal_.disk(); disk != disk_) {
        disk_ = disk;
        scheduler_.handle(disk, now);
    }
}

Result<void> BrokerLoop::turn(Instant now) {
    return life_.turn(now, [&](Effects& effects) {
        std::ranges::move(backups_.take(std::move(effects.backups)),
                          std::back_inserter(effects.sends));
        archive_line_.take(effects, life_.durable());
        send_all(effects, now);
    });
}

Result<void> BrokerLoop::flush(Flush where) {
    if (auto flushed = journal_.flush(where); !flushed) {
        return flushed;
    }
    const Instant now = Instant::read();  // it may have taken a while
    look_at_disk(now);
    return turn(now);
}

void BrokerLoop::send_all(Effects& effects, Instant now) {
    SessionId lost = no_session;  // the sends of a session stand together
    for (Outgoing& outgoing : effects.sends) {
        if (outgoing.session == lost) {
            continue;
        }
        if (!send(outgoing, now)) {
            lost = outgoing.session;
        }
    }
    for (const SessionId session : effects.ended) {
        peers_.forget(session);
        shared_.end(session);
    }
}

void BrokerLoop::send_answers(Instant now) {
    for (ArchiveAnswer& answer : archive_line_.take_answers(scheduler_)) {
        if (!peers_.send(answer.session, std::move(answer.frames), now.steady, frontend_,
                         backend_)) {
            scheduler_.handle(SessionLost{answer.session}, now);
        }
    }
}

bool BrokerLoop::send(Outgoing& outgoing, Instant now) {
    if (auto* welcome = std::get_if<protocol::Welcome>(&outgoing.message)) {
        welcome->lent = shared_.lent(outgoing.session);
    }
    const bool is_sent = peers_.send(
        outgoing.session, protocol::encode(outgoing.message, &shared_.refs(outgoing.session)),
        now.steady, frontend_, backend_);
    if (!is_sent) {
        scheduler_.handle(SessionLost{outgoing.session}, now);
    }
    return is_sent;
}

void BrokerLoop::retry_slow_readers(Instant now) {
    for (const SessionId session : peers_.retry(now.steady, patience_, frontend_, backend_)) {
        scheduler_.handle(SessionLost{session}, now);
    }
}

}  // namespace penstock::broker
