// Writes the fields after version and kind, one function per message, and guesses how much room
// they take. Private to this folder.
#pragma once

#include "common/protocol/message.hpp"
#include "common/protocol/message_writer.hpp"

namespace penstock::protocol {

void write_fields(MessageWriter& writer, const Hello& message);
void write_fields(MessageWriter& writer, const Welcome& message);
void write_fields(MessageWriter& writer, const Submit& message);
void write_fields(MessageWriter& writer, const Receipt& message);
void write_fields(MessageWriter& writer, const Refusal& message);
void write_fields(MessageWriter& writer, const Await& message);
void write_fields(MessageWriter& writer, const ResultBatch& message);
void write_fields(MessageWriter& writer, const Cancel& message);
void write_fields(MessageWriter& writer, const Cancelling& message);
void write_fields(MessageWriter& writer, const Query& message);
void write_fields(MessageWriter& writer, const Answer& message);
void write_fields(MessageWriter& writer, const Join& message);
void write_fields(MessageWriter& writer, const Dispatch& message);
void write_fields(MessageWriter& writer, const OutcomeBatch& message);
void write_fields(MessageWriter& writer, const Settled& message);
void write_fields(MessageWriter& writer, const Recall& message);
void write_fields(MessageWriter& writer, const Returned& message);
void write_fields(MessageWriter& writer, const Stop& message);
void write_fields(MessageWriter& writer, const Progress& message);
void write_fields(MessageWriter& writer, const Obituary& message);
void write_fields(MessageWriter& writer, const Noted& message);
void write_fields(MessageWriter& writer, const Backup& message);
void write_fields(MessageWriter& writer, const BackupPart& message);
void write_fields(MessageWriter& writer, const ArchiveRequest& message);
void write_fields(MessageWriter& writer, const ArchiveReply& message);
void write_fields(MessageWriter& writer, const SlotsFree& message);
void write_fields(MessageWriter& writer, const SlotsRead& message);

// What HELLO, JOIN and WELCOME say about shared memory.
void write_memory(MessageWriter& writer, const std::optional<Memory>& memory);
void write_lent(MessageWriter& writer, const std::optional<std::vector<SlotLoan>>& lent);

// Messages that are all said by their kind.
inline void write_fields(MessageWriter& /*writer*/, const Heartbeat& /*message*/) {}
inline void write_fields(MessageWriter& /*writer*/, const Goodbye& /*message*/) {}
inline void write_fields(MessageWriter& /*writer*/, const Drain& /*message*/) {}
inline void write_fields(MessageWriter& /*writer*/, const NoMemory& /*message*/) {}

// At least the size of the header frame for those that carry many tasks, so that it does not
// grow while it is written.
[[nodiscard]] std::size_t header_bytes_of(const Submit& message);
[[nodiscard]] std::size_t header_bytes_of(const ResultBatch& message);
[[nodiscard]] std::size_t header_bytes_of(const Dispatch& message);
[[nodiscard]] std::size_t header_bytes_of(const OutcomeBatch& message);
[[nodiscard]] std::size_t header_bytes_of(const ArchiveReply& message);

}  // namespace penstock::protocol
