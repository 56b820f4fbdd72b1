// A visit that waits for its turn: whatever takes memory while it is with the broker passes a
// turnstile first, and the callers who wait there may give up.
#pragma once

#include <memory>
#include <mutex>

#include "producer/gateway/shell/workshop.hpp"

namespace penstock::gateway {

// Thread rule: see Visit; what comes from the client's thread and the jobs meets those calls under
// a mutex.
class QueuedVisit : public http::Visit, public std::enable_shared_from_this<QueuedVisit> {
  public:
    std::optional<TimePoint> run_late() final;
    void abandon() final;

  protected:
    QueuedVisit(const Workshop& workshop, Turnstile& turnstile)
        : workshop_(workshop), turnstile_(turnstile) {}

    // In finish(), before all else: who is answered.
    void keep(std::shared_ptr<http::Caller> caller) { caller_ = std::move(caller); }
    // Once there is a place, start() is called, unless the visit has ended by then.
    void queue();
    // On the submitting thread, with a place: leave() gives it back in each way out.
    virtual void start() = 0;
    void leave() { turnstile_.leave(); }

    // Answers, unless the visit has ended.
    void answer(http::Reply reply);
    // True for the one who may answer.
    [[nodiscard]] bool end();

    // It has ended and will not start: frees the body.
    virtual void drop_body() {}
    // It has started, and the caller has gone.
    virtual void stop_work() {}
    // As run_late(), once it has started.
    virtual std::optional<TimePoint> be_late();

    const Workshop& workshop_;
    std::shared_ptr<http::Caller> caller_;
    std::mutex mutex_;
    bool ended_ = false;  // answered, or nobody is there

  private:
    void begin();
    void give_up(Turnstile::Ticket ticket);

    Turnstile& turnstile_;
    bool begun_ = false;            // start() has been called
    Turnstile::Ticket ticket_ = 0;  // 0: not at the turnstile yet
};

}  // namespace penstock::gateway
