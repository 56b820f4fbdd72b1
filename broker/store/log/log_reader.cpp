#include "broker/store/log/log_reader.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>
#include <vector>

#include "broker/store/log/record_codec.hpp"

namespace penstock::broker {
namespace {

Result<std::vector<std::uint64_t>> segments_in(Folder& folder) {
    const Result<std::vector<std::string>> names = folder.list();
    if (!names) {
        return tl::unexpected(names.error());
    }
    std::vector<std::uint64_t> numbers;
    for (const std::string& name : *names) {
        if (const auto number = segment_number(name)) {
            numbers.push_back(*number);
        }
    }
    std::ranges::sort(numbers);
    return numbers;
}

class Reading {
  public:
    Reading(Folder& folder, const RecordVisitor& visit) : folder_(folder), visit_(visit) {}

    Result<void> read(std::uint64_t number) {
        const Result<void> loaded = load(number);
        if (!loaded) {
            return loaded;
        }
        const Result<SegmentStart> start =
            read_segment_start(SectorView(bytes_.data(), sector_bytes));
        if (!start) {
            return explained(number, start.error());
        }
        if (Result<void> follows = check(*start, number); !follows) {
            return follows;
        }
        const SegmentScan scan = scan_segment(bytes_, *start, watched());
        if (scan.damage) {
            return refuse(*scan.damage);
        }
        if (life_error_) {
            return refuse(number, life_error_->message);
        }
        take(*start, scan);
        return {};
    }

    [[nodiscard]] LogState take_state() { return std::move(state_); }
    // If that is why read() failed.
    [[nodiscard]] const std::optional<Damage>& damage() const { return damage_; }

  private:
    tl::unexpected<Error> refuse(const Damage& damage) {
        damage_ = damage;
        return fail(ErrorCode::malformed, to_text(damage));
    }
    tl::unexpected<Error> refuse(std::uint64_t segment, std::string what) {
        return refuse(Damage{segment, 0, std::move(what)});
    }

    Result<void> explained(std::uint64_t number, const Error& error) {
        if (error.code == ErrorCode::unsupported) {
            return fail(error.code, segment_name(number) + ": " + error.message);
        }
        return refuse(number, error.message);
    }

    Result<void> load(std::uint64_t number) {
        const Result<std::unique_ptr<File>> file = folder_.open(segment_name(number));
        if (!file) {
            return tl::unexpected(file.error());
        }
        const Result<std::uint64_t> size = (*file)->size_bytes();
        if (!size) {
            return tl::unexpected(size.error());
        }
        if (*size < block_bytes) {
            return refuse(number, fmt::format("it has been shortened to {} bytes", *size));
        }
        bytes_.resize(*size);
        return (*file)->read(0, bytes_);
    }

    Result<void> check(const SegmentStart& start, std::uint64_t number) {
        if (start.segment != number) {
            return refuse(number,
                          fmt::format("it is {} under another name", segment_name(start.segment)));
        }
        if (start.size_bytes != bytes_.size()) {
            return refuse(number, fmt::format("it has {} bytes, and was made with {}",
                                              bytes_.size(), start.size_bytes));
        }
        if (state_.segments.empty()) {
            return {};
        }
        if (start.journal != state_.journal) {
            return refuse(number, "it is of another journal");
        }
        const std::uint64_t before = state_.segments.back().number;
        if (state_.torn) {
            return refuse(before, "a batch is torn, and another segment follows");
        }
        if (number != before + 1) {
            return refuse(number, segment_name(before + 1) + ", which stood before it, is missing");
        }
        if (start.position != state_.position) {
            return refuse(number, "it does not begin where " + segment_name(before) + " ends");
        }
        return {};
    }

    // Also follows the epochs, which are the journal's own.
    RecordVisitor watched() {
        return [this](const RawRecord& record, const Place& batch) {
            visit_(record, batch);
            if (record.kind != RecordKind::life) {
                return;
            }
            const Result<Life> life = decode_life(record.content);
            if (!life) {
                life_error_ = life.error();
                return;
            }
            state_.epoch = life->epoch;
        };
    }

    void take(const SegmentStart& start, const SegmentScan& scan) {
        state_.journal = start.journal;
        state_.segment_bytes = start.size_bytes;
        state_.segments.push_back({start.segment, scan.position.last_sequence});
        state_.position = scan.position;
        state_.next_sector = scan.next_sector;
        state_.last_batch = scan.last_batch;
        state_.epoch = std::max(state_.epoch, start.epoch);
        if (scan.torn) {
            state_.torn = TornBatch{start.segment, *scan.torn};
        }
    }

    Folder& folder_;
    const RecordVisitor& visit_;
    std::vector<std::byte> bytes_;
    std::optional<Error> life_error_;
    std::optional<Damage> damage_;
    LogState state_;
};

}  // namespace

std::string to_text(const TornBatch& torn) {
    return fmt::format(
        "the last batch was torn by a crash before anybody was promised anything of it: {} bytes "
        "at byte {} of {} are cut",
        std::uint64_t{torn.range.count} * sector_bytes,
        std::uint64_t{torn.range.first} * sector_bytes, segment_name(torn.segment));
}

Result<ExaminedLog> examine_log(Folder& folder, const RecordVisitor& visit) {
    const Result<std::vector<std::uint64_t>> numbers = segments_in(folder);
    if (!numbers) {
        return tl::unexpected(numbers.error());
    }
    Reading reading(folder, visit);
    for (const std::uint64_t number : *numbers) {
        if (Result<void> read = reading.read(number); !read) {
            if (reading.damage()) {
                return ExaminedLog{reading.take_state(), reading.damage()};
            }
            return tl::unexpected(read.error());
        }
    }
    return ExaminedLog{reading.take_state(), std::nullopt};
}

Result<LogState> read_log(Folder& folder, const RecordVisitor& visit) {
    const RecordVisitor without_lives = [&visit](const RawRecord& record, const Place& batch) {
        if (record.kind != RecordKind::life) {
            visit(record, batch);
        }
    };
    Result<ExaminedLog> found = examine_log(folder, without_lives);
    if (!found) {
        return tl::unexpected(found.error());
    }
    if (found->damage) {
        return fail(ErrorCode::malformed, to_text(*found->damage));
    }
    return std::move(found->state);
}

}  // namespace penstock::broker
