// The shapes that several messages of docs/PROTOCOL.md and records of docs/JOURNAL.md share, read
// into the structs of the model. For codecs only.
//
// Thread rule: a value of one function.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/model/bytes.hpp"
#include "common/model/ids.hpp"
#include "common/model/slot_ref.hpp"
#include "common/model/task.hpp"
#include "common/protocol/archive_messages.hpp"
#include "common/protocol/codec.hpp"
#include "common/protocol/reader.hpp"

namespace penstock::protocol {

class MessageReader : public Reader {
  public:
    // Requires: at least one frame; both outlive the reader.
    // Without `refs`, no body may lie in shared memory.
    MessageReader(std::span<const SharedBytes> frames, const Limits& limits,
                  SlotRefs* refs = nullptr)
        : Reader(frames.front().view()), frames_(frames), limits_(limits), refs_(refs) {
        body_frame_used_.resize(frames.size() - 1);
        for (const SharedBytes& frame : frames) {
            bytes_ += frame.size();
        }
    }

    [[nodiscard]] std::size_t batch_max() const { return limits_.batch_max; }
    // Fails if bytes of the header or body frames are left that no field has named.
    void finish();

    [[nodiscard]] std::uint32_t uint32(const char* field);
    [[nodiscard]] std::uint32_t permille(const char* field) {
        return static_cast<std::uint32_t>(uint(field, permille_max));
    }
    [[nodiscard]] std::chrono::milliseconds milliseconds(const char* field);
    [[nodiscard]] std::chrono::microseconds microseconds(const char* field);
    [[nodiscard]] std::int64_t unix_ms(const char* field);
    [[nodiscard]] std::array<std::uint32_t, slot_class_count> per_slot_class(
        const char* field, std::uint32_t max = std::numeric_limits<std::uint32_t>::max());

    [[nodiscard]] std::string name(const char* field);
    [[nodiscard]] std::string name_or_empty(const char* field);
    [[nodiscard]] std::string short_text(const char* field);
    // A short text that is not empty.
    [[nodiscard]] std::string filled_text(const char* field);
    [[nodiscard]] std::string note(const char* field) { return utf8(field, text_max_bytes); }
    [[nodiscard]] std::string last_words(const char* field) {
        return utf8(field, last_words_bytes_max);
    }
    [[nodiscard]] std::vector<std::string> names(const char* field);
    [[nodiscard]] std::vector<std::string> filled_texts(const char* field);

    template <typename Id>
    [[nodiscard]] Id id(const char* field) {
        Id id;
        read_id(field, id.bytes);
        return id;
    }
    [[nodiscard]] std::vector<TaskId> ids(const char* field);
    // The id, attempt and nonce that begin a row.
    [[nodiscard]] Lease lease_fields(Epoch epoch);
    [[nodiscard]] std::vector<Lease> leases(const char* field, Epoch epoch);

    [[nodiscard]] Error error_fields();
    [[nodiscard]] std::optional<Error> error_or_nil(const char* field);
    [[nodiscard]] Site site_fields();
    // Nil is a site without a host.
    [[nodiscard]] Site site_or_nil(const char* field);
    [[nodiscard]] std::optional<Death> death_or_nil(const char* field);
    [[nodiscard]] AttemptReport report();
    // One of the two parts of a body, or what travels like one.
    [[nodiscard]] SharedBytes body_part(const char* field);
    [[nodiscard]] Body body();

    // A number that `from_number` turns into an enumerator or nothing.
    template <typename FromNumber>
    [[nodiscard]] auto choice(const char* field, FromNumber from_number) {
        const auto found = from_number(uint(field));
        if (ok() && !found) {
            fail(ErrorCode::malformed, field, "not a number of its table");
        }
        return found.value_or(typename decltype(found)::value_type{});
    }
    // The same for an enumeration whose numbers are dense.
    template <typename Enum>
    [[nodiscard]] Enum choice(const char* field, Enum first, Enum last) {
        const std::uint64_t number = uint(field);
        if (number < static_cast<std::uint64_t>(first) ||
            number > static_cast<std::uint64_t>(last)) {
            fail(ErrorCode::malformed, field, "not a number of its table");
            return first;
        }
        return static_cast<Enum>(number);
    }

  private:
    [[nodiscard]] std::string utf8(const char* field, std::size_t bytes_max);
    void read_id(const char* field, std::array<std::uint8_t, 16>& bytes);
    [[nodiscard]] SharedBytes body_frame(const char* field);
    [[nodiscard]] SharedBytes shared_body(const char* field);

    std::span<const SharedBytes> frames_;
    const Limits& limits_;
    SlotRefs* refs_;
    std::uint64_t bytes_ = 0;  // of all frames, and of the bodies in shared memory so far
    std::vector<bool> body_frame_used_;
};

}  // namespace penstock::protocol
