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

// In a body of the segment, or in the segment itself.
struct Spot {
    std::uint64_t segment = 0;
    std::optional<Sequence> body;
    std::uint64_t offset = 0;
};

std::string file_of(const Spot& spot) {
    return spot.body ? body_file_name({spot.segment, *spot.body}) : segment_name(spot.segment);
}

protocol::BackupPlace place_of(const Spot& spot) {
    return {std::string(prefix) + file_of(spot), spot.offset};
}

// The first file of the segment, from that record's body on.
Spot first_of(const BodyIndex& bodies, const BodyPlace& from) {
    const std::optional<BodyPlace> body = bodies.next(from);
    return {from.segment, body ? std::optional(body->sequence) : std::nullopt, 0};
}

// What follows when all of this file has been read.
Spot behind(const BodyIndex& bodies, const Spot& spot) {
    return spot.body ? first_of(bodies, {spot.segment, *spot.body + 1})
                     : first_of(bodies, {spot.segment + 1, 0});
}

std::optional<Spot> spot_named(const protocol::BackupPlace& place) {
    if (!place.file.starts_with(prefix)) {
        return std::nullopt;
    }
    const std::string name = place.file.substr(prefix.size());
    if (const auto body = body_place(name)) {
        return Spot{body->segment, body->sequence, place.offset};
    }
    const auto number = segment_number(name);
    return number ? std::optional(Spot{*number, std::nullopt, place.offset}) : std::nullopt;
}

Result<Spot> spot_of(const LogExtent& extent, const BodyIndex& bodies,
                     const protocol::BackupPlace& place) {
    const Spot oldest = first_of(bodies, {extent.oldest, 0});
    if (place.file.empty()) {
        return oldest;
    }
    const std::optional<Spot> spot = spot_named(place);
    if (!spot) {
        return fail(ErrorCode::malformed, "from: '" + place.file + "' is no file of a backup");
    }
    // What was there has been trimmed meanwhile.
    return spot->segment < extent.oldest ? oldest : *spot;
}

tl::unexpected<Error> other_journal() {
    return fail(ErrorCode::conflict,
                "the broker's journal is not the one that this backup was begun on; begin anew");
}

// The file of that spot, or the first one of the next segment that is there.
Result<std::unique_ptr<File>> open_at(Folder& folder, const LogExtent& extent,
                                      const BodyIndex& bodies, Spot& spot) {
    while (true) {
        Result<std::unique_ptr<File>> file = folder.open(file_of(spot));
        const bool is_gone = !file && file.error().code == ErrorCode::not_found;
        if (!is_gone) {
            return file;
        }
        if (spot.segment >= extent.last) {
            return other_journal();
        }
        spot = first_of(bodies, {spot.segment + 1, 0});
    }
}

}  // namespace

Result<protocol::BackupPart> read_backup_part(Folder& folder, const LogExtent& extent,
                                              const BodyIndex& bodies,
                                              const protocol::BackupPlace& from) {
    Result<Spot> spot = spot_of(extent, bodies, from);
    if (!spot) {
        return tl::unexpected(spot.error());
    }
    if (spot->segment > extent.last) {
        return other_journal();
    }
    const Result<std::unique_ptr<File>> file = open_at(folder, extent, bodies, *spot);
    if (!file) {
        return tl::unexpected(file.error());
    }
    const Result<std::uint64_t> size = (*file)->size_bytes();
    if (!size) {
        return tl::unexpected(size.error());
    }
    // Behind the end of the last one stands what is being written now, in part.
    const bool is_last = spot->segment == extent.last && !spot->body;
    const std::uint64_t end = is_last ? extent.end_bytes : *size;
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
    spot->offset += count;
    const bool is_done = spot->offset == *size && !is_last;
    part.next = place_of(is_done ? behind(bodies, *spot) : *spot);
    part.end = place_of({extent.last, std::nullopt, extent.end_bytes});
    return part;
}

}  // namespace penstock::broker
