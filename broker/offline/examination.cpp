#include "broker/offline/examination.hpp"

#include <fmt/format.h>

#include "broker/offline/record_view.hpp"
#include "broker/offline/screen.hpp"
#include "broker/store/log/whole_record.hpp"
#include "common/process/units.hpp"

namespace penstock::broker::offline {
namespace {

Result<std::uint64_t> bytes_of(const JournalFolder& journal) {
    std::uint64_t bytes = 0;
    for (const std::string& name : journal.files()) {
        const Result<std::unique_ptr<File>> file = journal.folder->open(name);
        if (!file) {
            return tl::unexpected(file.error());
        }
        const Result<std::uint64_t> size = (*file)->size_bytes();
        if (!size) {
            return tl::unexpected(size.error());
        }
        bytes += *size;
    }
    return bytes;
}

// Takes the record, or the first reason why one cannot be understood.
void take(Folder& folder, const RawRecord& raw, const Place& batch, Examination& found,
          std::optional<Error>& unreadable) {
    if (raw.kind == RecordKind::life) {
        if (const Result<Life> life = decode_life(raw.content)) {
            found.census.take(*life);
        }  // what else it is, the reader says
        return;
    }
    const SharedBytes content = SharedBytes::copy_of(raw.content);
    const Result<Record> record = whole_record(folder, raw, content, batch);
    if (record) {
        found.census.take(*record, raw.sequence);
    } else if (record.error().code != ErrorCode::malformed) {
        unreadable = unreadable ? unreadable : std::optional(record.error());
    } else if (!found.damage) {
        found.damage = Damage{batch.segment, std::uint64_t{batch.sector} * sector_bytes,
                              fmt::format("record {}: {}", raw.sequence, record.error().message)};
    }
}

std::string records_text(const Census& census) {
    std::string text = std::to_string(census.records());
    const char* separator = ": ";
    for (std::uint8_t number = 2; number <= record_kind_max; ++number) {
        const auto kind = static_cast<RecordKind>(number);
        text += fmt::format("{}{} {}", separator, census.records(kind), name(kind));
        separator = ", ";
    }
    return text;
}

std::string life_text(const Census& census) {
    if (census.records(RecordKind::life) == 0) {
        return "none in these segments";
    }
    return fmt::format("{}, the last with epoch {} at {}", census.records(RecordKind::life),
                       census.life().epoch.value, utc_text(census.life().began_at));
}

std::string bodies_text(std::size_t bodies) {
    if (bodies == 0) {
        return "";
    }
    return bodies == 1 ? " with 1 large body in a file beside them"
                       : fmt::format(" with {} large bodies in files beside them", bodies);
}

Value torn_or_null(const std::optional<TornBatch>& torn) {
    if (!torn) {
        return nullptr;
    }
    return {{"file", segment_name(torn->segment)},
            {"byte", std::uint64_t{torn->range.first} * sector_bytes},
            {"bytes", std::uint64_t{torn->range.count} * sector_bytes}};
}

}  // namespace

Result<Examination> examine(const JournalFolder& journal) {
    const Result<std::uint64_t> bytes = bytes_of(journal);
    if (!bytes) {
        return tl::unexpected(bytes.error());
    }
    Examination found{
        journal.path, journal.segments.size(), journal.bodies.size(), *bytes, {}, {}, {}};
    Progress progress("reading segment", journal.segments.size());
    std::uint64_t segment = 0;
    std::optional<Error> unreadable;  // a file that the system does not give, which is no damage
    Result<ExaminedLog> log =
        examine_log(*journal.folder, [&](const RawRecord& raw, const Place& batch) {
            if (batch.segment != segment) {
                segment = batch.segment;
                progress.step();
            }
            take(*journal.folder, raw, batch, found, unreadable);
        });
    if (!log) {
        return tl::unexpected(log.error());
    }
    if (unreadable) {
        return tl::unexpected(*std::move(unreadable));
    }
    found.state = std::move(log->state);
    if (!found.damage) {
        found.damage = std::move(log->damage);
    }
    return found;
}

std::string to_text(const Examination& found) {
    const Census& census = found.census;
    std::string text = fmt::format(
        "journal   {}\n"
        "segments  {}, {}{}\n"
        "lives     {}\n"
        "records   {}\n",
        found.path, found.segments, process::size_text(found.bytes), bodies_text(found.bodies),
        life_text(census), records_text(census));
    if (census.records() > 0) {
        text += fmt::format("numbers   {} to {}\n", census.first(), census.last());
    }
    text += fmt::format("tasks     {} open, {} finished\n", census.open_tasks(),
                        census.finished_tasks());
    if (found.state.torn) {
        text += fmt::format("torn      {}\n", torn_text(*found.state.torn));
    }
    return text + (found.damage ? fmt::format("damage    {}", to_text(*found.damage)) : "sound");
}

std::string torn_text(const TornBatch& torn) {
    return fmt::format(
        "{} bytes at byte {} of {}: a batch whose sync never ended, so that nobody was promised "
        "anything of it; the next broker cuts it",
        std::uint64_t{torn.range.count} * sector_bytes,
        std::uint64_t{torn.range.first} * sector_bytes, segment_name(torn.segment));
}

Value to_json(const Damage& damage) {
    return {{"file", segment_name(damage.segment)},
            {"byte", damage.offset_bytes},
            {"reason", damage.what}};
}

Value to_json(const Examination& found) {
    const Census& census = found.census;
    Value records = Value::object();
    for (std::uint8_t number = 1; number <= record_kind_max; ++number) {
        const auto kind = static_cast<RecordKind>(number);
        records[std::string(name(kind))] = census.records(kind);
    }
    return {{"journal", found.path},
            {"segments", found.segments},
            {"bodies", found.bodies},
            {"bytes", found.bytes},
            {"records", records},
            {"first_record", census.first()},
            {"last_record", census.last()},
            {"open_tasks", census.open_tasks()},
            {"finished_tasks", census.finished_tasks()},
            {"epoch", census.life().epoch.value},
            {"torn", torn_or_null(found.state.torn)},
            {"damage", found.damage ? to_json(*found.damage) : Value(nullptr)},
            {"sound", found.is_sound()}};
}

}  // namespace penstock::broker::offline
