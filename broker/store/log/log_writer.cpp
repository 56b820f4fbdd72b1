#include "broker/store/log/log_writer.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/model/assert.hpp"

namespace penstock::broker {
namespace {

constexpr const char* spare_name = "spare";
constexpr const char* reserve_name = "reserve";
constexpr std::size_t zeros_bytes = std::size_t{1} << 20U;
// A segment ends when the bodies beside it take so many times its size, as they stay as long as it
// does. Then filling the next one with zeros is a quarter of the writing.
constexpr std::uint64_t bodies_per_segment = 4;

std::uint64_t offset_of(std::uint32_t sector) {
    return std::uint64_t{sector} * sector_bytes;
}

Result<void> write_zeros(File& file, std::uint64_t from, std::uint64_t count) {
    const std::vector<std::byte> zeros(std::min<std::uint64_t>(zeros_bytes, count));
    while (count > 0) {
        const ByteView piece = ByteView(zeros).first(std::min<std::uint64_t>(zeros.size(), count));
        if (Result<void> written = file.write(from, piece); !written) {
            return written;
        }
        from += piece.size();
        count -= piece.size();
    }
    return {};
}

}  // namespace

LogWriter::LogWriter(Folder& folder, const LogOptions& options, LogState state,
                     const JournalId& new_journal)
    : folder_(folder), options_(options), state_(std::move(state)) {
    PENSTOCK_ASSERT(options_.segment_bytes % block_bytes == 0 &&
                    options_.segment_bytes >= 2 * block_bytes);
    if (state_.segments.empty()) {
        state_.journal = new_journal;
    }
}

Result<void> LogWriter::recover() {
    // One that a crash has left half made has another size.
    if (const auto reserve = folder_.open(reserve_name)) {
        has_reserve_ = (*reserve)->size_bytes() == Result<std::uint64_t>(options_.reserve_bytes);
    }
    if (state_.segments.empty()) {
        return {};
    }
    Result<std::unique_ptr<File>> file = folder_.open(segment_name(state_.segments.back().number));
    if (!file) {
        return tl::unexpected(file.error());
    }
    current_ = *std::move(file);
    if (state_.torn) {
        if (Result<void> done = cut(state_.torn->range); !done) {
            return done;
        }
    }
    if (Result<void> done = write_again(state_.last_batch); !done) {
        return done;
    }
    if (Result<void> synced = current_->sync(); !synced) {
        return synced;
    }
    if (Result<void> done = recover_bodies(); !done) {
        return done;
    }
    return folder_.sync_names();
}

Result<void> LogWriter::recover_bodies() {
    const Result<std::vector<std::string>> names = folder_.list();
    if (!names) {
        return tl::unexpected(names.error());
    }
    for (const std::string& name : *names) {
        const std::optional<BodyPlace> place = body_place(name);
        if (!place) {
            continue;
        }
        if (place->segment >= state_.segments.front().number &&
            place->segment <= state_.segments.back().number &&
            place->sequence <= state_.position.last_sequence) {
            bodies_.add(*place);
            if (Result<void> counted = count_body(*place); !counted) {
                return counted;
            }
        } else if (Result<void> removed = folder_.remove(name); !removed) {
            return removed;
        }
    }
    return {};
}

Result<void> LogWriter::count_body(const BodyPlace& place) {
    if (place.segment != state_.segments.back().number) {
        return {};
    }
    const Result<std::unique_ptr<File>> file = folder_.open(body_file_name(place));
    if (!file) {
        return tl::unexpected(file.error());
    }
    return (*file)->size_bytes().map([this](std::uint64_t bytes) { current_body_bytes_ += bytes; });
}

Result<void> LogWriter::cut(const SectorRange& range) {
    return write_zeros(*current_, offset_of(range.first), offset_of(range.count));
}

Result<void> LogWriter::write_again(const SectorRange& range) {
    std::vector<std::byte> bytes(offset_of(range.count));
    if (Result<void> read = current_->read(offset_of(range.first), bytes); !read) {
        return read;
    }
    return current_->write(offset_of(range.first), bytes);
}

Result<void> LogWriter::write(Batch& batch) {
    const auto count = static_cast<std::uint32_t>(batch.size_bytes() / sector_bytes);
    PENSTOCK_ASSERT(count > 0);
    if (!has_room_for(batch)) {
        if (Result<void> begun = begin_segment(batch.size_bytes()); !begun) {
            return begun;
        }
    }
    if (Result<void> safe = write_bodies(batch); !safe) {
        return safe;
    }
    const std::uint64_t number = state_.segments.back().number;
    const ByteView bytes = batch.sealed({state_.journal, number, state_.next_sector});
    if (Result<void> written = current_->write(offset_of(state_.next_sector), bytes); !written) {
        return written;
    }
    if (Result<void> synced = current_->sync(); !synced) {
        return synced;
    }
    if (Result<void> named = name_segment(); !named) {
        return named;
    }
    state_.position = batch.end();
    state_.segments.back().last_sequence = state_.position.last_sequence;
    state_.last_batch = {state_.next_sector, count};
    state_.next_sector = std::min(block_after(state_.next_sector + count), sectors());
    return {};
}

bool LogWriter::has_room_for(const Batch& batch) const {
    if (!current_ || batch.size_bytes() / sector_bytes > sectors() - state_.next_sector) {
        return false;
    }
    // On a full disk the room of the next segment is wanted for something else.
    return !spare_ || current_body_bytes_ <= bodies_per_segment * options_.segment_bytes;
}

Result<void> LogWriter::write_bodies(const Batch& batch) {
    for (const auto& [sequence, body] : batch.bodies()) {
        const BodyPlace place{state_.segments.back().number, sequence};
        const Body& content = body;
        Result<void> written =
            with_reserve([&] { return write_body(folder_, state_.journal, place, content); });
        if (!written) {
            return written;
        }
        bodies_.add(place);
        current_body_bytes_ += body.size_bytes();
    }
    return batch.bodies().empty() ? Result<void>() : folder_.sync_names();
}

Result<void> LogWriter::write_life(const Life& life) {
    Batch batch(state_.position);
    batch.add(RecordKind::life, state_.position.last_sequence, encode_life(life).view());
    Result<void> written = write(batch);
    if (written) {
        state_.epoch = life.epoch;
    }
    return written;
}

Result<void> LogWriter::prepare() {
    // First the reserve: a spare made of the room of one that was given up would have that room
    // missing where bodies need it.
    if (!has_reserve_ && options_.reserve_bytes > 0) {
        if (Result<void> made = make_reserve(); !made) {
            return made;
        }
    }
    return spare_ ? Result<void>() : make_spare(options_.segment_bytes);
}

Result<void> LogWriter::make_reserve() {
    const Result<std::unique_ptr<File>> file = folder_.create(reserve_name);
    if (!file) {
        return tl::unexpected(file.error());
    }
    Result<void> made = (*file)->allocate(options_.reserve_bytes);
    if (!made) {
        static_cast<void>(folder_.remove(reserve_name));
    }
    has_reserve_ = made.has_value();
    return made;
}

Result<void> LogWriter::make_spare(std::uint64_t bytes) {
    spare_.reset();
    Result<std::unique_ptr<File>> file = folder_.create(spare_name);
    if (!file) {
        return tl::unexpected(file.error());
    }
    Result<void> written = (*file)->allocate(bytes);
    if (written) {
        written = write_zeros(**file, 0, bytes);
    }
    if (!written) {
        // A part of it is of no use, and takes room that others need.
        static_cast<void>(folder_.remove(spare_name));
        return written;
    }
    if (Result<void> synced = (*file)->sync(); !synced) {
        return synced;
    }
    spare_ = *std::move(file);
    spare_bytes_ = bytes;
    return {};
}

Result<void> LogWriter::with_reserve(const std::function<Result<void>()>& action) {
    Result<void> done = action();
    if (!done && done.error().code == ErrorCode::disk_full && has_reserve_) {
        done = give_up_reserve().and_then(action);
    }
    return done;
}

Result<void> LogWriter::give_up_reserve() {
    has_reserve_ = false;
    if (Result<void> removed = folder_.remove(reserve_name); !removed) {
        return removed;
    }
    // Some file systems give the room back only then.
    return folder_.sync_names();
}

Result<void> LogWriter::begin_segment(std::uint64_t bytes) {
    const std::uint64_t blocks = (bytes + block_bytes - 1) / block_bytes + 1;
    const std::uint64_t needed = std::max(options_.segment_bytes, blocks * block_bytes);
    if (!spare_ || spare_bytes_ < needed) {
        if (Result<void> made = with_reserve([&] { return make_spare(needed); }); !made) {
            return made;
        }
    }
    SegmentStart start;
    start.journal = state_.journal;
    start.segment = state_.segments.empty() ? 1 : state_.segments.back().number + 1;
    start.size_bytes = spare_bytes_;
    start.epoch = state_.epoch;
    start.position = state_.position;
    std::vector<std::byte> sector(sector_bytes);
    write_segment_start(SectorSpan(sector), start);
    if (Result<void> written = spare_->write(0, sector); !written) {
        return written;
    }
    current_ = std::move(spare_);
    unnamed_ = true;
    state_.segments.push_back({start.segment, state_.position.last_sequence});
    state_.segment_bytes = start.size_bytes;
    state_.next_sector = first_batch_sector;
    current_body_bytes_ = 0;
    return {};
}

Result<void> LogWriter::name_segment() {
    if (!unnamed_) {
        return {};
    }
    const std::string name = segment_name(state_.segments.back().number);
    // A longer name may take a block of its own.
    const auto rename = [&] { return folder_.rename(spare_name, name); };
    if (Result<void> renamed = with_reserve(rename); !renamed) {
        return renamed;
    }
    unnamed_ = false;
    return folder_.sync_names();
}

Result<void> LogWriter::trim(Sequence sequence) {
    while (can_trim(sequence)) {
        if (Result<void> removed = folder_.remove(segment_name(state_.segments.front().number));
            !removed) {
            return removed;
        }
        // One at a time: were a crash to bring back an older one and not its successor, that would
        // look like a missing segment.
        if (Result<void> synced = folder_.sync_names(); !synced) {
            return synced;
        }
        state_.segments.pop_front();
    }
    return remove_bodies();
}

// After their segments, so that no record is ever without its body.
Result<void> LogWriter::remove_bodies() {
    if (state_.segments.empty()) {
        return {};
    }
    for (const BodyPlace& place : bodies_.take_before(state_.segments.front().number)) {
        if (Result<void> removed = folder_.remove(body_file_name(place)); !removed) {
            return removed;
        }
    }
    return {};
}

}  // namespace penstock::broker
