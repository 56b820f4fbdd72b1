// What the archive (broker/archive) is given of a task that has ended.
//
// Thread rule: values; bodies are shared with whoever else has them.
#pragma once

#include "broker/core/record.hpp"
#include "broker/core/task.hpp"
#include "common/protocol/archive_messages.hpp"

namespace penstock::broker {

struct ArchiveEntry {
    // Of the record of its end; of the last one before, if its end is on no record. Ascends.
    Sequence sequence = 0;
    protocol::ArchivedTask task;
    // From a record that was written again: without body and reports, and of use only if the
    // archive has lost what it had.
    bool again = false;
    // The record that has its body, to be put in before it is handed over; 0: it is complete.
    Sequence body_in = 0;
};

// A peer asks the archive.
struct ArchiveQuestion {
    SessionId session = no_session;
    protocol::ArchiveRequest request;
};

}  // namespace penstock::broker
