// One worker process as the broker sees it: joining, serving, draining, gone. Decides what to run
// where, what to tell the broker and when to give up on a task, on a connection or on itself.
//
//            WELCOME                drain()             nothing left, or too late
//   joining ────────▶ serving ─────────────▶ draining ─────────────────────────▶ gone
//      ▲                 │  silence,             │
//      └─────────────────┴─ no_session ──────────┘ (a draining session joins again, too)
//
// Rules, after docs/PROTOCOL.md, sections 6 and 7:
// 1. An outcome is kept until SETTLED, and sent again after joining again.
// 2. A lease of another epoch than the broker's present one is void: what has not started is
//    dropped, what runs is asked to stop within `void_grace`, and its outcome is forgotten.
// 3. What has started is never returned; what was returned never starts.
// 4. An attempt that passes its time limit, or the grace after STOP, ends the process, and only
//    that attempt is blamed.
//
// Use: call what happened, then take_effects() until it is empty, and carry the effects out in
// order. TakeBack may be answered by taken_back() in between.
//
// Thread rule: owned by one thread. Pure: no clock, socket, thread or random device.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/model/task.hpp"
#include "common/model/time.hpp"
#include "common/protocol/message.hpp"
#include "worker/core/effect.hpp"
#include "worker/core/link.hpp"
#include "worker/core/outcome_box.hpp"
#include "worker/core/slot_board.hpp"

namespace penstock::worker {

struct SessionSettings {
    WorkerId worker;
    Site site;
    std::array<std::uint32_t, slot_class_count> slots{};
    std::vector<protocol::OfferedType> types;
    std::vector<std::string> queues;  // empty: all
    std::vector<std::string> labels;
    BatchLimits batches;
    LinkLimits link;
    // What void work gets to stop by itself: as much as a broker grants to what it stops.
    Duration void_grace = std::chrono::seconds(5);
    std::uint64_t seed = 0;  // of the jitter between reconnects
};

// These numbers are in the page that the supervisor reads.
enum class Stage : std::uint8_t { joining = 0, serving = 1, draining = 2, gone = 3 };

class Session {
  public:
    explicit Session(const SessionSettings& settings);

    // A message came through the present socket.
    void receive(protocol::Message message, TimePoint now);
    // A slot ended an attempt.
    void finished(SlotIndex slot, protocol::Outcome outcome, TimePoint now);
    // A slot gave work back that TakeBack asked for and that had not started.
    void taken_back(SlotIndex slot, Work work, TimePoint now);
    // Work that came and could not be read.
    void give_back(std::vector<Lease> unread);
    // How far running attempts are.
    void progressed(std::vector<protocol::ProgressReport> reports, TimePoint now);
    // What Kill named was not found running in this slot: its time limit counts from now.
    void spare(SlotIndex slot, TimePoint now) { board_.spare(slot, now); }
    // Finish what runs, return the rest, then leave; leave anyway after `timeout`.
    void drain(TimePoint now, Duration timeout);
    // Leave at once, giving everything back.
    void leave();
    // Time passed. Call it at next_tick() or earlier; the first call connects.
    void tick(TimePoint now);

    // What is to be done now. Call until it returns nothing.
    [[nodiscard]] std::vector<Effect> take_effects(TimePoint now);
    [[nodiscard]] TimePoint next_tick() const;
    [[nodiscard]] Stage stage() const;
    [[nodiscard]] Epoch epoch() const { return epoch_; }

  private:
    void on(protocol::Welcome& welcome, TimePoint now);
    void on(protocol::Refusal& refusal, TimePoint now);
    void on(protocol::Dispatch& dispatch, TimePoint now);
    void on(protocol::Settled& settled, TimePoint now);
    void on(protocol::Recall& recall, TimePoint now);
    void on(protocol::Stop& stop, TimePoint now);
    void on(protocol::Heartbeat& heartbeat, TimePoint now);
    template <typename Unexpected>
    void on(Unexpected& message, TimePoint now);

    void send(protocol::Message message, TimePoint now);
    void join(TimePoint now);
    void drop_void_leases(TimePoint now);
    [[nodiscard]] std::optional<Error> too_large(const Body& output) const;
    void report(const Lease& lease, Error error);
    void send_returned(TimePoint now);
    void leave_when_drained();

    SessionSettings settings_;
    std::unordered_map<std::string, SlotClass> classes_;  // of the types that this worker offers
    Link link_;
    SlotBoard board_;
    OutcomeBox outcomes_;
    std::vector<Lease> returned_;  // to be sent
    std::vector<Effect> effects_;
    Epoch epoch_;
    std::uint64_t body_max_bytes_ = 0;         // the broker tells
    std::optional<TimePoint> drain_deadline_;  // set: draining
    bool gone_ = false;
};

}  // namespace penstock::worker
