// Reads pieces of a journal that is being written, for a copy of it. Keeps nothing between two
// pieces: whoever makes the copy says where it is. docs/decisions/0007 says why that is a copy.
//
// Thread rule: a function over the folder, beside the thread that writes there.
#pragma once

#include "broker/store/log/body_index.hpp"
#include "broker/store/log/files.hpp"
#include "common/protocol/backup_messages.hpp"

namespace penstock::broker {

// What of a journal is durable: whole segments, and the last one up to a byte.
struct LogExtent {
    std::uint64_t oldest = 0;
    std::uint64_t last = 0;
    std::uint64_t end_bytes = 0;  // of the last one
};

// At most protocol::backup_part_bytes_max from that place on, or from the oldest one behind it that
// is still there. A segment comes after its bodies, so that no copy has a record without its body.
// Errors: malformed (no such name), conflict (a place behind the end: the copy was
// begun on another journal), internal.
[[nodiscard]] Result<protocol::BackupPart> read_backup_part(Folder& folder, const LogExtent& extent,
                                                            const BodyIndex& bodies,
                                                            const protocol::BackupPlace& from);

}  // namespace penstock::broker
