#include "common/protocol/message_reader.hpp"

#include <algorithm>
#include <cstring>

#include "common/model/text.hpp"
#include "common/protocol/shape.hpp"

namespace penstock::protocol {
namespace {

constexpr std::size_t id_bytes = 16;
// Encoded sizes of the smallest values: what a count is held against before memory is reserved.
constexpr std::size_t name_bytes_min = 2;
constexpr std::size_t lease_bytes_min = 1 + (2 + id_bytes) + 1 + 1;

}  // namespace

void MessageReader::finish() {
    if (ok() && remaining() > 0) {
        fail(ErrorCode::malformed, nullptr, "bytes after the last field");
    }
    const auto unused = std::find(body_frame_used_.begin(), body_frame_used_.end(), false);
    if (ok() && unused != body_frame_used_.end()) {
        const auto number = unused - body_frame_used_.begin() + 1;
        fail(ErrorCode::malformed, nullptr,
             "body frame " + std::to_string(number) + " is named by no field");
    }
}

std::uint32_t MessageReader::uint32(const char* field) {
    return static_cast<std::uint32_t>(uint(field, std::numeric_limits<std::uint32_t>::max()));
}

std::chrono::milliseconds MessageReader::milliseconds(const char* field) {
    constexpr std::chrono::milliseconds most = duration_max;
    return std::chrono::milliseconds(uint(field, std::uint64_t{most.count()}));
}

std::chrono::microseconds MessageReader::microseconds(const char* field) {
    constexpr std::chrono::microseconds most = duration_max;
    return std::chrono::microseconds(uint(field, std::uint64_t{most.count()}));
}

std::int64_t MessageReader::unix_ms(const char* field) {
    constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
    return static_cast<std::int64_t>(uint(field, most));
}

std::array<std::uint32_t, slot_class_count> MessageReader::per_slot_class(const char* field,
                                                                          std::uint32_t max) {
    tuple(field, slot_class_count);
    const Inside inside(*this, field);
    const std::uint64_t cpu = uint("cpu", max);
    const std::uint64_t wait = uint("wait", max);
    return {static_cast<std::uint32_t>(cpu), static_cast<std::uint32_t>(wait)};
}

std::string MessageReader::utf8(const char* field, std::size_t bytes_max) {
    const std::string_view found = text(field, bytes_max);
    if (!is_utf8(found)) {
        fail(ErrorCode::malformed, field, "is not UTF-8");
    }
    return std::string(found);
}

std::string MessageReader::name(const char* field) {
    const std::string_view found = text(field, name_bytes_max);
    if (ok() && !is_valid_name(found)) {
        fail(ErrorCode::malformed, field, "expected 1 to 128 characters of A-Z a-z 0-9 . _ - :");
    }
    return std::string(found);
}

std::string MessageReader::name_or_empty(const char* field) {
    const std::string_view found = text(field, name_bytes_max);
    if (!found.empty() && !is_valid_name(found)) {
        fail(ErrorCode::malformed, field,
             "expected nothing, or 1 to 128 characters of A-Z a-z 0-9 . _ - :");
    }
    return std::string(found);
}

std::string MessageReader::short_text(const char* field) {
    return utf8(field, short_text_max_bytes);
}

std::string MessageReader::filled_text(const char* field) {
    std::string found = short_text(field);
    if (ok() && found.empty()) {
        fail(ErrorCode::malformed, field, "is empty");
    }
    return found;
}

std::vector<std::string> MessageReader::names(const char* field) {
    return list<std::string>(field, batch_max(), name_bytes_min,
                             [this](std::string& element) { element = name(nullptr); });
}

std::vector<std::string> MessageReader::filled_texts(const char* field) {
    return list<std::string>(field, batch_max(), name_bytes_min,
                             [this](std::string& element) { element = filled_text(nullptr); });
}

void MessageReader::read_id(const char* field, std::array<std::uint8_t, id_bytes>& bytes) {
    if (peek() == Type::binary) {
        const ByteView found = binary(field);
        if (found.size() == id_bytes) {
            std::memcpy(bytes.data(), found.data(), id_bytes);
            return;
        }
    }
    expected(field, "bin of 16 bytes");
}

std::vector<TaskId> MessageReader::ids(const char* field) {
    static_assert(sizeof(TaskId) == id_bytes);
    const ByteView found = binary(field);
    const std::size_t count = found.size() / id_bytes;
    if (found.size() % id_bytes != 0) {
        fail(ErrorCode::malformed, field, "expected bin of a multiple of 16 bytes");
        return {};
    }
    if (count > batch_max()) {
        fail(ErrorCode::malformed, field,
             std::to_string(count) + " ids, at most " + std::to_string(batch_max()));
        return {};
    }
    std::vector<TaskId> ids(count);
    if (count > 0) {
        std::memcpy(ids.data(), found.data(), found.size());
    }
    return ids;
}

Lease MessageReader::lease_fields(Epoch epoch) {
    Lease lease;
    lease.task = id<TaskId>("id");
    lease.epoch = epoch;
    lease.attempt = uint32("attempt");
    lease.nonce = uint("nonce");
    return lease;
}

std::vector<Lease> MessageReader::leases(const char* field, Epoch epoch) {
    return list<Lease>(field, batch_max(), lease_bytes_min, [this, epoch](Lease& lease) {
        tuple(nullptr, 3);
        lease = lease_fields(epoch);
    });
}

Error MessageReader::error_fields() {
    Error error;
    error.code = choice("code", error_code_from_number);
    error.message = note("message");
    return error;
}

std::optional<Error> MessageReader::error_or_nil(const char* field) {
    if (nil()) {
        return std::nullopt;
    }
    tuple(field, 2);
    const Inside inside(*this, field);
    return error_fields();
}

Site MessageReader::site_fields() {
    Site site;
    // Never empty: in the model, a site without a host is that of a task that never ran.
    site.host = filled_text("host");
    site.pid = uint32("pid");
    site.process = uint32("process");
    return site;
}

Site MessageReader::site_or_nil(const char* field) {
    if (nil()) {
        return {};
    }
    tuple(field, 3);
    const Inside inside(*this, field);
    return site_fields();
}

std::optional<Death> MessageReader::death_or_nil(const char* field) {
    if (nil()) {
        return std::nullopt;
    }
    tuple(field, 5);
    const Inside inside(*this, field);
    Death death;
    death.cause = choice("cause", DeathCause::exited, DeathCause::out_of_memory);
    death.code = uint32("code");
    death.peak_memory_bytes = uint("peak_memory_bytes");
    death.cpu = microseconds("cpu_us");
    death.last_words = last_words("last_words");
    return death;
}

AttemptReport MessageReader::report() {
    AttemptReport report;
    tuple(nullptr, 7);
    report.attempt = uint32("attempt");
    report.site = site_or_nil("site");
    report.thread = uint32("thread");
    report.started_at = unix_ms("started_at");
    report.run = microseconds("run_us");
    report.error = error_or_nil("error");
    report.death = death_or_nil("death");
    return report;
}

Body MessageReader::body() {
    Body body;
    body.args = body_part("args");
    body.payload = body_part("payload");
    if (body.size_bytes() > limits_.bodies_max_bytes) {
        fail(ErrorCode::too_large, nullptr,
             "args and payload have " + std::to_string(body.size_bytes()) +
                 " bytes together, at most " + std::to_string(limits_.bodies_max_bytes));
    }
    return body;
}

SharedBytes MessageReader::body_part(const char* field) {
    if (nil()) {
        return {};
    }
    const Type type = peek();
    if (type == Type::array) {
        return shared_body(field);
    }
    if (type == Type::uint) {
        return body_frame(field);
    }
    if (type != Type::binary) {
        expected(field, "body (nil, bin, uint or array)");
        return {};
    }
    const ByteView found = binary(field);
    if (found.size() > limits_.body_max_bytes) {
        fail(ErrorCode::too_large, field,
             std::to_string(found.size()) + " bytes, at most " +
                 std::to_string(limits_.body_max_bytes));
        return {};
    }
    if (found.empty()) {
        return {};
    }
    if (found.size() > inline_body_max_bytes) {
        return SharedBytes::copy_of(found);
    }
    return frames_.front().slice(offset_of(found), found.size());
}

SharedBytes MessageReader::shared_body(const char* field) {
    SlotRef ref;
    tuple(field, slot_ref_fields);
    {
        const Inside inside(*this, field);
        ref.segment = short_text("segment");
        ref.slot = uint32("slot");
        ref.generation = uint("generation");
        ref.length = uint("length");
    }
    if (ok() && ref.length > limits_.body_max_bytes) {
        fail(ErrorCode::too_large, field,
             std::to_string(ref.length) + " bytes, at most " +
                 std::to_string(limits_.body_max_bytes));
    }
    bytes_ += ok() ? ref.length : 0;
    if (ok() && bytes_ > limits_.message_max_bytes) {
        fail(ErrorCode::too_large, field,
             "the message and its bodies in shared memory have more than " +
                 std::to_string(limits_.message_max_bytes) + " bytes");
    }
    if (ok() && refs_ == nullptr) {
        fail(ErrorCode::unsupported, field, "no memory is shared in this session");
    }
    if (!ok()) {
        return {};
    }
    Result<SharedBytes> bytes = refs_->borrow(ref);
    if (!bytes) {
        fail(bytes.error().code, field, bytes.error().message);
        return {};
    }
    return std::move(*bytes);
}

SharedBytes MessageReader::body_frame(const char* field) {
    const std::uint64_t number = uint(field);
    if (!ok()) {
        return {};
    }
    if (number < 1 || number > body_frame_used_.size()) {
        fail(ErrorCode::malformed, field,
             "names body frame " + std::to_string(number) + " of " +
                 std::to_string(body_frame_used_.size()));
        return {};
    }
    const auto index = static_cast<std::size_t>(number);
    if (body_frame_used_[index - 1]) {
        fail(ErrorCode::malformed, field,
             "names body frame " + std::to_string(number) + " a second time");
        return {};
    }
    body_frame_used_[index - 1] = true;
    return frames_[index];
}

}  // namespace penstock::protocol
