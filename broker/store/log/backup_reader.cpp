#include "broker/store/log/backup_reader.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string_view>

#include "broker/store/log/segment_start.hpp"

namespace penstock::broker {
namespace {

// Names are those of the data folder, so that it can have other files one day.
constexpr std::string_view prefix = "journal/";

struct Spot {
    std::uint64_t segment = 0;
    std::uint64_t offset = 0;
};

protocol::BackupPlace place_of(const Spot& spot) {
    return {std::string(prefix) + segment_name(spot.segment), spot.offset};
}

Result<Spot> spot_of(const LogExtent& extent, const protocol::BackupPlace& place) {
    if (place.file.empty()) {
        return Spot{extent.oldest, 0};
    }
    std::optional<std::uint64_t> number;
    if (place.file.starts_with(prefix)) {
        number = segment_number(place.file.substr(prefix.size()));
    }
    if (!number) {
        return fail(ErrorCode::malformed, "from: '" + place.file + "' is no file of a backup");
    }
    // What was there has been trimmed meanwhile.
    return *number < extent.oldest ? Spot{extent.oldest, 0} : Spot{*number, place.offset};
}

tl::unexpected<Error> other_journal() {
    return fail(ErrorCode::conflict,
                "the broker's journal is not the one that this backup was begun on; begin anew");
}

// The file of that spot, or of the next one that is there.
Result<std::unique_ptr<File>> open_at(Folder& folder, const LogExtent& extent, Spot& spot) {
    while (true) {
        Result<std::unique_ptr<File>> file = folder.open(segment_name(spot.segment));
        const bool is_gone = !file && file.error().code == ErrorCode::not_found;
        if (!is_gone || spot.segment >= extent.last) {
            return file;
        }
        spot = {spot.segment + 1, 0};
    }
}

}  // namespace

Result<protocol::BackupPart> read_backup_part(Folder& folder, const LogExtent& extent,
                                              const protocol::BackupPlace& from) {
    Result<Spot> spot = spot_of(extent, from);
    if (!spot) {
        return tl::unexpected(spot.error());
    }
    if (spot->segment > extent.last) {
        return other_journal();
    }
    const Result<std::unique_ptr<File>> file = open_at(folder, extent, *spot);
    if (!file) {
        return tl::unexpected(file.error());
    }
    const Result<std::uint64_t> size = (*file)->size_bytes();
    if (!size) {
        return tl::unexpected(size.error());
    }
    // Behind the end of the last one stands what is being written now, in part.
    const std::uint64_t end = spot->segment == extent.last ? extent.end_bytes : *size;
    if (spot->offset > end) {
        return other_journal();
    }
    const std::uint64_t count = std::min(end - spot->offset, protocol::backup_part_bytes_max);
    const auto bytes = std::make_shared_for_overwrite<std::byte[]>(count);
    if (Result<void> read = (*file)->read(spot->offset, {bytes.get(), count}); !read) {
        return tl::unexpected(read.error());
    }
    protocol::BackupPart part;
    part.at = place_of(*spot);
    part.file_bytes = *size;
    part.bytes = SharedBytes(bytes, ByteView(bytes.get(), count));
    const bool is_done = spot->offset + count == *size && spot->segment < extent.last;
    part.next =
        place_of(is_done ? Spot{spot->segment + 1, 0} : Spot{spot->segment, spot->offset + count});
    part.end = place_of({extent.last, extent.end_bytes});
    return part;
}

}  // namespace penstock::broker
