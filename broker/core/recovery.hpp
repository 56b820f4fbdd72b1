// Builds the books of a broker from the records of its former lives. While records come in, only
// the tasks themselves are kept up to date, since most of what happened has been overtaken by what
// happened later; the lines, counts and deadlines are made at the end.
//
// Nothing that ran is running: leases are of a former epoch and void, so what was active is queued
// at its old place, and a task that was to be cancelled is. What waits for a time goes on waiting.
//
// Thread rule: belongs to the scheduler's thread.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "broker/core/books.hpp"

namespace penstock::broker {

class Recovery {
  public:
    // Requires: nothing has happened in the books yet.
    explicit Recovery(Books& books) : books_(books) {}

    // The next record, oldest first. One of a task that is not known has been overtaken by the
    // journal's being trimmed, and is left out.
    void take(const Record& record, Sequence sequence);
    // There are no more; `last` is the sequence number of the last one.
    void end(Sequence last, Instant now);

  private:
    void take(const TaskAccepted& record, Sequence sequence);
    void take(const AttemptFailed& record);
    void take(const CancelRequested& record);
    void take(const TaskFinished& record, Sequence sequence);
    void take(const TasksForgotten& record, Sequence sequence);
    // One that has ended.
    void forget(TaskIndex index);
    [[nodiscard]] Task* open_task(const TaskId& id);
    // The same for all that ran there.
    [[nodiscard]] std::shared_ptr<const Site> shared(const Site& site);

    void line_up(Instant now);
    // For its next attempt, as long as before.
    void wait_on(TaskIndex index, Instant now);
    void remember_ends(Instant now);
    void cancel_what_was_to_be(Instant now);

    Books& books_;
    // In the order in which they ended. A task that came back may have several.
    std::vector<TaskRef> ends_;
    std::map<Site, std::shared_ptr<const Site>> sites_;
};

}  // namespace penstock::broker
