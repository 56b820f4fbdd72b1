// The broker's decisions: events and time in, ordered effects out. No clock, socket, file, thread
// or random device; the same inputs and seed give the same outputs.
//
//   turn:  handle() for everything that has arrived, then advance() once; carry out the effects;
//          tell the journal's progress with BecameDurable; advance() again if there was any.
//
// Thread rule: one thread.
#pragma once

#include <optional>

#include "broker/core/books.hpp"
#include "broker/core/effect.hpp"
#include "broker/core/event.hpp"
#include "broker/core/recovery.hpp"
#include "broker/core/settings.hpp"

namespace penstock::broker {

class Scheduler {
  public:
    // `seed` feeds jitter and nonces and must be hard to guess.
    Scheduler(const Settings& settings, std::uint64_t seed, Instant now);

    // Everything up to `sequence` is safe in the archive. Call it before restore() with what former
    // lives have got there.
    void archived_up_to(Sequence sequence);
    // The archive takes nothing more in this life; before restore(): took nothing at all, as far as
    // anybody can tell.
    void archive_failed();

    // A record of a former life. Call for all of them, oldest first, before begin().
    void restore(const Record& record, Sequence sequence);
    // This life begins. `epoch` is larger than that of every former one, and `last` numbers the
    // last record of them. Call once, before everything below.
    void begin(Epoch epoch, Sequence last, Instant now);

    // Applies one event. Emits nothing yet.
    void handle(Event event, Instant now);
    // Fires every deadline at or before `now`, hands out work, and appends to `effects` all that
    // is to be done, in the order in which it must be.
    void advance(Instant now, Effects& effects);
    // The last record that no later life needs, nor any before it.
    [[nodiscard]] Sequence unneeded_up_to();
    // When advance() is next worth calling if nothing happens before.
    [[nodiscard]] TimePoint next_deadline() const;

  private:
    void on(FrontendMessage& event, Instant now);
    void on(BackendMessage& event, Instant now);
    void on(const BadMessage& event, Instant now);
    void on(const SessionLost& event, Instant now);
    void on(const BecameDurable& event, Instant now);
    void on(const BodiesRead& event, Instant now);
    void on(const DiskReport& event, Instant now);

    void greet(SessionId session);
    void refuse_stranger(SessionId session, const Error& error);
    void handle_worker(WorkerIndex worker, protocol::Message& message, Instant now);
    void handle_producer(SessionId session, protocol::Message& message, Instant now);
    void end_session(SessionId session, bool goodbye, Instant now);

    void fire_due(Instant now);
    void fire(const Deadline& deadline, Instant now);
    void note_pause(Instant now);
    void keep_house(Instant now);
    void end_silent_sessions(Instant now);

    Books books_;
    std::optional<Recovery> recovery_;  // until begin()
    Instant last_turn_;
    // Silence counts from here at the earliest: after a pause of its own the broker first listens.
    TimePoint listening_since_;
};

}  // namespace penstock::broker
