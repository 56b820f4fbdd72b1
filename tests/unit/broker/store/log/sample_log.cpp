#include "tests/unit/broker/store/log/sample_log.hpp"

#include <utility>

namespace penstock::broker {

std::string sample_content(Sequence sequence) {
    constexpr std::size_t long_one = block_bytes + 100;
    const std::size_t length = sequence % 5 == 0 ? long_one : 20 + sequence * 61 % 700;
    std::string content = "record " + std::to_string(sequence) + ".";
    // Zeros at the end: a sector that carries nothing else must not look empty.
    content.resize(std::max(length, content.size() + 1), '\0');
    return content;
}

Body sample_body(Sequence sequence) {
    const std::string text = "body " + std::to_string(sequence) + ".";
    return {SharedBytes::copy_of(text), SharedBytes::copy_of(std::string(700, text[5]))};
}

SampleLog::SampleLog(simulation::Disk& disk, const LogOptions& options, Bodies bodies)
    : kind_(bodies), folder_(disk.folder()) {
    const auto visit = [this](const RawRecord& record, const Place& batch) {
        if (found_.empty()) {
            first_found_ = record.sequence;
        }
        found_.emplace_back(as_text(record.content));
        if (kind_ == Bodies::of_every_third && has_sample_body(record.sequence)) {
            const Body body = sample_body(record.sequence);
            const auto read = read_body(*folder_, batch.journal, {batch.segment, record.sequence},
                                        {body.args.size(), body.payload.size()});
            keep(read ? Result<void>() : tl::unexpected(read.error()));
        }
    };
    Result<LogState> state = read_log(*folder_, visit);
    if (!state) {
        error_ = state.error();
    }
    if (error_) {
        return;
    }
    torn_ = state->torn;
    writer_.emplace(*folder_, options, *std::move(state), sample_journal);
    keep(writer_->recover());
}

bool SampleLog::keep(Result<void> done) {
    if (!done && !error_) {
        error_ = done.error();
    }
    return ok();
}

bool SampleLog::write(std::size_t records) {
    Batch batch(writer_->state().position);
    const Sequence first = written() + 1;
    for (Sequence sequence = first; sequence < first + records; ++sequence) {
        batch.add(RecordKind::task_accepted, sequence, as_byte_view(sample_content(sequence)));
        if (kind_ == Bodies::of_every_third && has_sample_body(sequence)) {
            batch.add_body(sample_body(sequence));
        }
    }
    return keep(writer_->write(batch));
}

bool SampleLog::begin_life(std::uint64_t epoch) {
    return keep(writer_->write_life({Epoch{epoch}, 0}));
}

bool SampleLog::trim(Sequence sequence) {
    return keep(writer_->trim(sequence));
}

}  // namespace penstock::broker
