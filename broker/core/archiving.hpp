// What becomes of a task that has ended, as the archive is told it.
//
// Thread rule: free functions over the books, called by the scheduler's thread.
#pragma once

#include <optional>

#include "broker/core/books.hpp"

namespace penstock::broker {

// What the task itself does not say about its end.
struct Ending {
    Sequence sequence = 0;                 // of its record, or of the last one before
    KeptBody body;                         // what it was submitted with
    std::optional<protocol::Death> death;  // of the process that its last attempt ran in
    bool again = false;                    // as ArchiveEntry
};

// Whether tasks that end like this one belong in the archive: dead ones do, others where their
// queue is asked to keep a history. Requires: it is final.
[[nodiscard]] bool is_archived(Books& books, const Task& task);
// Its latest attempt, with all that is short of its error.
[[nodiscard]] protocol::AttemptReport report_of(const Task& task,
                                                const std::optional<protocol::Death>& death);
// Notes how an attempt went after which another one follows.
void keep_report(Books& books, TaskIndex task, protocol::AttemptReport report);
// The task has ended: its entry for the archive is made, if it belongs there.
void archive_end(Books& books, TaskIndex task, const Ending& ending);

}  // namespace penstock::broker
