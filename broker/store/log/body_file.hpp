// Large bodies lie beside the segments, one file each, safe before the record that names them:
// written once, where a segment would be filled with zeros for them first. docs/JOURNAL.md,
// section 7.
//
// Thread rule: functions over the folder.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "broker/core/record.hpp"
#include "broker/store/log/files.hpp"
#include "broker/store/log/sector.hpp"
#include "common/model/bytes.hpp"

namespace penstock::broker {

// Which record has the body: a file goes when the segment of its record goes.
struct BodyPlace {
    std::uint64_t segment = 0;
    Sequence sequence = 0;

    friend auto operator<=>(const BodyPlace&, const BodyPlace&) = default;
};

// What a record says of a body that is not in it.
struct BodySizes {
    std::uint64_t args_bytes = 0;
    std::uint64_t payload_bytes = 0;

    friend bool operator==(const BodySizes&, const BodySizes&) = default;
};

[[nodiscard]] std::string body_file_name(const BodyPlace& place);
// Nothing for the name of something else.
[[nodiscard]] std::optional<BodyPlace> body_place(const std::string& name);

// Writes and syncs the file; its name is not safe yet. One that is there was left by a crash, and
// is overwritten. Errors: disk_full (then nothing is left of it), internal.
[[nodiscard]] Result<void> write_body(Folder& folder, const JournalId& journal,
                                      const BodyPlace& place, const Body& body);
// Errors: malformed (it is missing, or not as it was written), internal.
[[nodiscard]] Result<Body> read_body(Folder& folder, const JournalId& journal,
                                     const BodyPlace& place, const BodySizes& sizes);

}  // namespace penstock::broker
