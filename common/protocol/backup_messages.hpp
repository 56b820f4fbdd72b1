// BACKUP and BACKUP_PART of docs/PROTOCOL.md: a running broker's journal, piece by piece.
//
// Thread rule: values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/model/bytes.hpp"
#include "common/model/error.hpp"

namespace penstock::protocol {

// Behind the first `offset` bytes of a file of the data folder, such as
// "journal/segment-0000000000000001".
struct BackupPlace {
    std::string file;  // empty: the beginning of everything
    std::uint64_t offset = 0;
    friend bool operator==(const BackupPlace&, const BackupPlace&) = default;
};
struct Backup {
    std::uint64_t request = 0;
    BackupPlace from;
    friend bool operator==(const Backup&, const Backup&) = default;
};
inline constexpr std::uint64_t backup_part_bytes_max = std::uint64_t{1} << 20U;
struct BackupPart {
    std::uint64_t request = 0;
    std::optional<Error> error;  // then the rest means nothing
    BackupPlace at;              // where the bytes are from; not as asked: what was, is gone
    std::uint64_t file_bytes = 0;
    SharedBytes bytes;
    BackupPlace next;  // ask for this next
    BackupPlace end;   // so far everything is safe now
    friend bool operator==(const BackupPart&, const BackupPart&) = default;
};

}  // namespace penstock::protocol
