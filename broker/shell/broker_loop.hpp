// The broker's only thread: drain what has arrived, decide, write, send once per peer.
//
// Thread rule: made and run by one thread.
#pragma once

#include <string>
#include <vector>

#include "broker/shell/archive_line.hpp"
#include "broker/shell/backup_desk.hpp"
#include "broker/shell/config.hpp"
#include "broker/shell/peers.hpp"
#include "broker/shell/shared_bodies.hpp"
#include "broker/store/broker_life.hpp"
#include "common/process/shutdown.hpp"
#include "common/protocol/codec.hpp"
#include "common/transport/poller.hpp"
#include "common/transport/socket.hpp"
#include "common/transport/spin.hpp"

namespace penstock::broker {

class BrokerLoop {
  public:
    // Requires: `journal`, `archive` and `context` outlive the loop; the archive is open.
    BrokerLoop(const Config& config, Journal& journal, Archive& archive,
               transport::Context& context);

    // Reads the journal and begins a life on it; logs what was found. Call once, first.
    // Errors: the journal's.
    [[nodiscard]] Result<void> recover();
    // Opens all endpoints; logs where. Errors: unavailable.
    [[nodiscard]] Result<void> bind(const Config& config);
    // Serves until SIGTERM or SIGINT. Errors: the journal failed; nothing can be promised any more.
    [[nodiscard]] Result<void> run(process::SignalQueue& signals);

  private:
    // `is_held`: the journal waits a moment for what the next message adds to its sync.
    void wait(transport::Poller& poller, bool is_held);
    // Whether it stopped at its limit, so that more may wait.
    [[nodiscard]] bool drain(Peers::Port port, transport::Router& socket, Instant now);
    void take(Peers::Port port, const transport::Incoming& incoming, Instant now);
    void take_obituaries(bool workers_wait, Instant now);
    void look_at_disk(Instant now);
    [[nodiscard]] Result<void> turn(Instant now);
    [[nodiscard]] Result<void> flush(Flush where);
    void send_all(Effects& effects, Instant now);
    void send_answers(Instant now);
    // False: the peer is gone, or has been given up.
    bool send(Outgoing& outgoing, Instant now);
    void retry_slow_readers(Instant now);
    // What the message says about shared memory.
    void take_memory(SessionId session, const protocol::Message& message);
    void return_slots(Instant now);

    protocol::Limits limits_;
    Duration patience_;  // with a peer that takes nothing
    Journal& journal_;
    Archive& archive_;
    ArchiveLine archive_line_;
    transport::Router frontend_;
    transport::Router backend_;
    Peers peers_;
    SharedBodies shared_;
    BrokerLife life_;
    Scheduler& scheduler_;
    BackupDesk backups_;
    DiskReport disk_;
    TimePoint next_housekeeping_;
    std::vector<BackendMessage> obituaries_;
    TimePoint obituaries_since_;  // when the first of them came
    // How long a sync waits for what the next message adds to it.
    transport::Spin hold_{transport::Spin::Then::work};
    bool more_waits_ = false;  // a drain stopped at its limit
};

}  // namespace penstock::broker
