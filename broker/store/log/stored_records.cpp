#include "broker/store/log/stored_records.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "broker/store/log/segment_start.hpp"
#include "common/model/assert.hpp"

namespace penstock::broker {
namespace {

// Batches of a broker that is not busy are not longer, so that one reading is enough.
constexpr std::size_t first_read_bytes = std::size_t{8} << 10U;

tl::unexpected<Error> not_as_written(const Place& batch) {
    return fail(ErrorCode::malformed,
                segment_name(batch.segment) + " is no longer what was written, at byte " +
                    std::to_string(std::uint64_t{batch.sector} * sector_bytes) +
                    "; see docs/JOURNAL.md, section 5, and `penstock-broker check`");
}

SectorView sector_at(ByteView bytes, std::size_t sector) {
    return SectorView(bytes.data() + sector * sector_bytes, sector_bytes);
}

}  // namespace

void StoredRecords::add(Sequence first, const Place& batch) {
    const std::lock_guard lock(mutex_);
    PENSTOCK_ASSERT(batches_.empty() || batches_.back().first <= first);
    batches_.push_back({first, batch.segment, batch.sector});
    journal_ = batch.journal;
}

void StoredRecords::forget_before(std::uint64_t segment) {
    const std::lock_guard lock(mutex_);
    while (!batches_.empty() && batches_.front().segment < segment) {
        batches_.pop_front();
    }
}

std::optional<Place> StoredRecords::find(Sequence number) const {
    const std::lock_guard lock(mutex_);
    const auto behind = std::ranges::upper_bound(batches_, number, {}, &KnownBatch::first);
    if (behind == batches_.begin()) {
        return std::nullopt;
    }
    const KnownBatch& batch = *std::prev(behind);
    return Place{journal_, batch.segment, batch.sector};
}

Result<std::size_t> StoredRecords::read(std::span<const Sequence> numbers, const Visitor& visit) {
    loaded_bytes_ = 0;
    auto next = numbers.begin();
    while (next != numbers.end() && (next == numbers.begin() || loaded_bytes_ < read_bytes_max)) {
        const std::optional<Place> place = find(*next);
        PENSTOCK_ASSERT(place.has_value());
        const Result<std::size_t> found = visit_in(*place, {next, numbers.end()}, visit);
        if (!found) {
            return found;
        }
        next += static_cast<std::ptrdiff_t>(*found);
    }
    // Neither a file that may be trimmed nor much memory is held on to.
    file_.reset();
    if (carried_.size() > read_bytes_max) {
        loaded_.reset();
        carried_ = {};
    }
    return static_cast<std::size_t>(next - numbers.begin());
}

Result<std::size_t> StoredRecords::visit_in(const Place& batch, std::span<const Sequence> numbers,
                                            const Visitor& visit) {
    Result<ByteView> rest = load(batch);
    if (!rest) {
        return tl::unexpected(rest.error());
    }
    std::uint32_t chain = 0;
    std::size_t found = 0;
    auto record = take_first_frame(*rest, chain);
    while (record && record->kind != RecordKind::none && found < numbers.size() &&
           (found == 0 || loaded_bytes_ < read_bytes_max)) {
        if (record->kind != RecordKind::life && record->sequence == numbers[found]) {
            const Result<std::size_t> visited = visit(*record, batch);
            if (!visited) {
                return visited;
            }
            loaded_bytes_ += *visited;
            ++found;
        }
        record = take_frame(*rest, chain);
    }
    if (!record || found == 0) {
        return not_as_written(batch);
    }
    return found;
}

Result<ByteView> StoredRecords::load(const Place& batch) {
    if (loaded_ && loaded_->segment == batch.segment && loaded_->sector == batch.sector) {
        return ByteView(carried_);
    }
    loaded_.reset();
    const Result<std::vector<std::byte>> bytes = sectors_of(batch);
    if (!bytes) {
        return tl::unexpected(bytes.error());
    }
    carried_.clear();
    loaded_bytes_ += bytes->size();
    const std::size_t count = bytes->size() / sector_bytes;
    const Inspected begin = inspect(sector_at(*bytes, 0), batch);
    for (std::size_t i = 0; i < count; ++i) {
        Place place = batch;
        place.sector += static_cast<std::uint32_t>(i);
        const Inspected sector = inspect(sector_at(*bytes, i), place);
        const SectorHead expected{begin.head.batch, static_cast<std::uint32_t>(count - 1 - i)};
        if (sector.state != SectorState::whole || sector.head != expected) {
            return not_as_written(batch);
        }
        const auto room = sector_at(*bytes, i).subspan<sector_head_bytes>();
        carried_.insert(carried_.end(), room.begin(), room.end());
    }
    loaded_ = batch;
    return ByteView(carried_);
}

Result<std::vector<std::byte>> StoredRecords::sectors_of(const Place& batch) {
    if (!file_ || file_segment_ != batch.segment) {
        Result<std::unique_ptr<File>> opened = folder_.open(segment_name(batch.segment));
        if (!opened) {
            return tl::unexpected(opened.error());
        }
        file_ = *std::move(opened);
        file_segment_ = batch.segment;
    }
    const Result<std::uint64_t> size = file_->size_bytes();
    if (!size) {
        return tl::unexpected(size.error());
    }
    const std::uint64_t offset = std::uint64_t{batch.sector} * sector_bytes;
    if (*size < offset + sector_bytes) {
        return not_as_written(batch);
    }
    std::vector<std::byte> bytes(std::min<std::uint64_t>(first_read_bytes, *size - offset));
    if (Result<void> read = file_->read(offset, bytes); !read) {
        return tl::unexpected(read.error());
    }
    const Inspected begin = inspect(sector_at(bytes, 0), batch);
    const std::uint64_t length = (std::uint64_t{begin.head.left} + 1) * sector_bytes;
    if (begin.state != SectorState::whole || length > *size - offset) {
        return not_as_written(batch);
    }
    const std::size_t known = std::min<std::uint64_t>(bytes.size(), length);
    bytes.resize(length);
    if (Result<void> read = file_->read(offset + known, std::span(bytes).subspan(known)); !read) {
        return tl::unexpected(read.error());
    }
    return bytes;
}

}  // namespace penstock::broker
