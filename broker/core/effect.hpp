// All the broker may ask of the world.
#pragma once

#include <vector>

#include "broker/core/archive_entry.hpp"
#include "broker/core/record.hpp"
#include "broker/core/task.hpp"
#include "common/protocol/message.hpp"

namespace penstock::broker {

struct Outgoing {
    SessionId session = no_session;
    protocol::Message message;
};

// Somebody makes a copy of the journal, and asks for the next piece of it.
struct BackupRequest {
    SessionId session = no_session;
    protocol::Backup backup;
};

// What one turn asks for. Order obligation: append `records` (in order) before the next turn and
// report how far they are durable. Everything in `sends` may leave at once: whatever promises
// something is held back inside the scheduler until its record is durable.
struct Effects {
    std::vector<Record> records;
    std::vector<Outgoing> sends;   // in order per session
    std::vector<SessionId> ended;  // forget these peers, after sending
    // For the archive. An entry when its sequence is durable, and not before.
    std::vector<ArchiveEntry> archive_entries;
    std::vector<ArchiveQuestion> archive_questions;
    std::vector<BackupRequest> backups;  // to be answered by who has the files
    // Records whose bodies are to be read and handed back as BodiesRead. All are durable; in no
    // order, and some may be there twice.
    std::vector<Sequence> wanted_bodies;

    void clear() {
        records.clear();
        sends.clear();
        ended.clear();
        archive_entries.clear();
        archive_questions.clear();
        backups.clear();
        wanted_bodies.clear();
    }
};

}  // namespace penstock::broker
