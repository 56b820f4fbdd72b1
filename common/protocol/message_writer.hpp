// The shapes that several messages of docs/PROTOCOL.md and records of docs/JOURNAL.md share,
// written from the structs of the model. For codecs only.
//
// Thread rule: a value of one function.
#pragma once

#ifndef MSGPACK_NO_BOOST
#define MSGPACK_NO_BOOST
#endif
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <msgpack.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/model/bytes.hpp"
#include "common/model/ids.hpp"
#include "common/model/slot_ref.hpp"
#include "common/model/task.hpp"
#include "common/protocol/archive_messages.hpp"
#include "common/protocol/buffer.hpp"
#include "common/protocol/codec.hpp"

namespace penstock::protocol {

class MessageWriter {
  public:
    // `header_bytes`: about what the header will take. Too little only costs a copy.
    // Bodies that `refs` knows are only named.
    explicit MessageWriter(std::size_t header_bytes, SlotRefs* refs = nullptr)
        : buffer_(header_bytes), packer_(buffer_), refs_(refs) {}
    MessageWriter(const MessageWriter&) = delete;
    MessageWriter& operator=(const MessageWriter&) = delete;

    // Of the header frame so far.
    [[nodiscard]] std::size_t size_bytes() const { return buffer_.size_bytes(); }
    // The header frame and the body frames.
    [[nodiscard]] Frames take() &&;

    void array(std::size_t count) { packer_.pack_array(static_cast<std::uint32_t>(count)); }
    void nil() { packer_.pack_nil(); }
    void boolean(bool value) { value ? packer_.pack_true() : packer_.pack_false(); }
    void uint(std::uint64_t value) { packer_.pack_uint64(value); }
    template <typename Enum>
    void number(Enum value) {
        packer_.pack_uint8(static_cast<std::uint8_t>(value));
    }
    void permille(std::uint32_t value) { uint(std::min(value, permille_max)); }
    void duration(std::chrono::milliseconds value);
    void duration(std::chrono::microseconds value);
    // 0 for times before 1970, which only a wrong clock gives.
    void unix_ms(std::int64_t value);
    void per_slot_class(const std::array<std::uint32_t, slot_class_count>& counts);

    void name(std::string_view text) { text_up_to(text, name_bytes_max); }
    void short_text(std::string_view text) { text_up_to(text, short_text_max_bytes); }
    void note(std::string_view text) { text_up_to(text, text_max_bytes); }
    void last_words(std::string_view text) { text_up_to(text, last_words_bytes_max); }
    void names(const std::vector<std::string>& names);

    template <typename Tag>
    void id(const Id128<Tag>& id) {
        binary(std::as_bytes(std::span<const std::uint8_t>(id.bytes)));
    }
    void ids(const std::vector<TaskId>& ids);
    // The id, attempt and nonce that begin a row. Requires: the lease is of `epoch`.
    void lease_fields(const Lease& lease, Epoch epoch);
    void leases(const std::vector<Lease>& leases, Epoch epoch);

    void error_fields(const Error& error);
    void error_or_nil(const std::optional<Error>& error);
    void site_fields(const Site& site);
    void site_or_nil(const Site& site);
    void death_or_nil(const std::optional<Death>& death);
    void report(const AttemptReport& report);
    // One of the two parts of a body, or what travels like one.
    void body_part(const SharedBytes& bytes);
    void body(const Body& body) {
        body_part(body.args);
        body_part(body.payload);
    }

    void binary(ByteView bytes) {
        packer_.pack_bin(static_cast<std::uint32_t>(bytes.size()));
        // An empty view may have no address, which memcpy must not be given.
        if (!bytes.empty()) {
            packer_.pack_bin_body(reinterpret_cast<const char*>(bytes.data()),
                                  static_cast<std::uint32_t>(bytes.size()));
        }
    }

  private:
    void text_up_to(std::string_view text, std::size_t bytes_max);
    void ref_fields(const SlotRef& ref);

    Buffer buffer_;
    msgpack::packer<Buffer> packer_;
    Frames body_frames_;
    SlotRefs* refs_;
};

// What a body takes inside the header frame, at most.
[[nodiscard]] inline std::size_t header_bytes_of(const SharedBytes& part) {
    constexpr std::size_t longest_prefix = 9;
    return longest_prefix + (part.size() <= inline_body_max_bytes ? part.size() : 0);
}
[[nodiscard]] inline std::size_t header_bytes_of(const Body& body) {
    return header_bytes_of(body.args) + header_bytes_of(body.payload);
}

}  // namespace penstock::protocol
