// The loop's side of the archive: hands over what has ended once it is durable, passes questions
// on, and brings back what the archive has to say.
//
// Thread rule: belongs to the loop's thread.
#pragma once

#include <deque>

#include "broker/archive/archive.hpp"
#include "broker/core/scheduler.hpp"

namespace penstock::broker {

class ArchiveLine {
  public:
    // Requires: the archive outlives it and is open.
    explicit ArchiveLine(Archive& archive) : archive_(archive) {}

    // Before the journal is read: what need not be handed over again.
    void begin(Scheduler& scheduler);
    // Takes from the effects what is the archive's.
    void take(Effects& effects, Sequence durable);
    // Everything up to there may be handed over.
    void became_durable(Sequence durable);
    // Tells the scheduler how far the archive has come. Returns what is to be sent.
    [[nodiscard]] std::vector<ArchiveAnswer> take_answers(Scheduler& scheduler);

  private:
    Archive& archive_;
    std::deque<ArchiveEntry> waiting_;  // for the journal's sync
    bool failed_ = false;
};

}  // namespace penstock::broker
