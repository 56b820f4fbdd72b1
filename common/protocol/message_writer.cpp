#include "common/protocol/message_writer.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "common/model/assert.hpp"
#include "common/model/text.hpp"
#include "common/protocol/shape.hpp"

namespace penstock::protocol {
namespace {

template <typename Unit>
std::uint64_t clamped(Unit value) {
    return static_cast<std::uint64_t>(
        std::clamp(value, Unit::zero(), std::chrono::duration_cast<Unit>(duration_max)).count());
}

}  // namespace

Frames MessageWriter::take() && {
    Frames frames;
    frames.reserve(1 + body_frames_.size());
    frames.push_back(std::move(buffer_).take());
    std::move(body_frames_.begin(), body_frames_.end(), std::back_inserter(frames));
    return frames;
}

void MessageWriter::duration(std::chrono::milliseconds value) {
    uint(clamped(value));
}

void MessageWriter::duration(std::chrono::microseconds value) {
    uint(clamped(value));
}

void MessageWriter::unix_ms(std::int64_t value) {
    uint(static_cast<std::uint64_t>(std::max<std::int64_t>(value, 0)));
}

void MessageWriter::per_slot_class(const std::array<std::uint32_t, slot_class_count>& counts) {
    array(counts.size());
    for (const std::uint32_t count : counts) {
        uint(count);
    }
}

void MessageWriter::text_up_to(std::string_view text, std::size_t bytes_max) {
    if (!is_utf8(text)) {
        text_up_to(mended(text), bytes_max);
        return;
    }
    const std::string_view written = beginning(text, bytes_max);
    packer_.pack_str(static_cast<std::uint32_t>(written.size()));
    packer_.pack_str_body(written.data(), static_cast<std::uint32_t>(written.size()));
}

void MessageWriter::names(const std::vector<std::string>& names) {
    array(names.size());
    for (const std::string& text : names) {
        name(text);
    }
}

void MessageWriter::ids(const std::vector<TaskId>& ids) {
    binary(std::as_bytes(std::span(ids)));
}

void MessageWriter::lease_fields(const Lease& lease, Epoch epoch) {
    PENSTOCK_ASSERT(lease.epoch == epoch);
    id(lease.task);
    uint(lease.attempt);
    uint(lease.nonce);
}

void MessageWriter::leases(const std::vector<Lease>& leases, Epoch epoch) {
    array(leases.size());
    for (const Lease& lease : leases) {
        array(3);
        lease_fields(lease, epoch);
    }
}

void MessageWriter::error_fields(const Error& error) {
    number(error.code);
    note(error.message);
}

void MessageWriter::error_or_nil(const std::optional<Error>& error) {
    if (!error) {
        nil();
        return;
    }
    array(2);
    error_fields(*error);
}

void MessageWriter::site_fields(const Site& site) {
    short_text(site.host);
    uint(site.pid);
    uint(site.process);
}

void MessageWriter::site_or_nil(const Site& site) {
    if (site.host.empty()) {
        nil();
        return;
    }
    array(3);
    site_fields(site);
}

void MessageWriter::death_or_nil(const std::optional<Death>& death) {
    if (!death) {
        nil();
        return;
    }
    array(5);
    number(death->cause);
    uint(death->code);
    uint(death->peak_memory_bytes);
    duration(death->cpu);
    last_words(death->last_words);
}

void MessageWriter::report(const AttemptReport& report) {
    array(7);
    uint(report.attempt);
    site_or_nil(report.site);
    uint(report.thread);
    unix_ms(report.started_at);
    duration(report.run);
    error_or_nil(report.error);
    death_or_nil(report.death);
}

void MessageWriter::ref_fields(const SlotRef& ref) {
    array(slot_ref_fields);
    short_text(ref.segment);
    uint(ref.slot);
    uint(ref.generation);
    uint(ref.length);
}

void MessageWriter::body_part(const SharedBytes& bytes) {
    if (bytes.empty()) {
        nil();
        return;
    }
    if (bytes.size() <= inline_body_max_bytes) {
        binary(bytes.view());
        return;
    }
    if (refs_ != nullptr && bytes.size() >= shared_body_min_bytes) {
        if (const std::optional<SlotRef> ref = refs_->lend(bytes.view())) {
            ref_fields(*ref);
            return;
        }
    }
    body_frames_.push_back(bytes);
    uint(body_frames_.size());
}

}  // namespace penstock::protocol
