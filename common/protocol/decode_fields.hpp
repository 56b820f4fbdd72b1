// Reads the fields after version and kind, one function per message. Private to this folder.
//
// Each leaves the message half filled when the reader fails; the caller throws it away.
#pragma once

#include "common/protocol/message.hpp"
#include "common/protocol/message_reader.hpp"

namespace penstock::protocol {

void read_fields(MessageReader& reader, Hello& message);
void read_fields(MessageReader& reader, Welcome& message);
void read_fields(MessageReader& reader, Submit& message);
void read_fields(MessageReader& reader, Receipt& message);
void read_fields(MessageReader& reader, Refusal& message);
void read_fields(MessageReader& reader, Await& message);
void read_fields(MessageReader& reader, ResultBatch& message);
void read_fields(MessageReader& reader, Cancel& message);
void read_fields(MessageReader& reader, Cancelling& message);
void read_fields(MessageReader& reader, Query& message);
void read_fields(MessageReader& reader, Answer& message);
void read_fields(MessageReader& reader, Join& message);
void read_fields(MessageReader& reader, Dispatch& message);
void read_fields(MessageReader& reader, OutcomeBatch& message);
void read_fields(MessageReader& reader, Settled& message);
void read_fields(MessageReader& reader, Recall& message);
void read_fields(MessageReader& reader, Returned& message);
void read_fields(MessageReader& reader, Stop& message);
void read_fields(MessageReader& reader, Progress& message);
void read_fields(MessageReader& reader, Obituary& message);
void read_fields(MessageReader& reader, Noted& message);
void read_fields(MessageReader& reader, Backup& message);
void read_fields(MessageReader& reader, BackupPart& message);
void read_fields(MessageReader& reader, ArchiveRequest& message);
void read_fields(MessageReader& reader, ArchiveReply& message);
void read_fields(MessageReader& reader, SlotsFree& message);
void read_fields(MessageReader& reader, SlotsRead& message);

// What HELLO, JOIN and WELCOME say about shared memory.
[[nodiscard]] std::optional<Memory> read_memory(MessageReader& reader);
[[nodiscard]] std::optional<std::vector<SlotLoan>> read_lent(MessageReader& reader);

// Messages that are all said by their kind.
inline void read_fields(MessageReader& /*reader*/, Heartbeat& /*message*/) {}
inline void read_fields(MessageReader& /*reader*/, Goodbye& /*message*/) {}
inline void read_fields(MessageReader& /*reader*/, Drain& /*message*/) {}
inline void read_fields(MessageReader& /*reader*/, NoMemory& /*message*/) {}

}  // namespace penstock::protocol
