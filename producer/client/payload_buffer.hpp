// Room for one payload that is to be sent: in memory that the broker and workers of this host read
// where it lies, if there is some free, else in this process's own.
//
//     PayloadBuffer buffer = client.payload_buffer(bytes);
//     read_into(buffer.bytes());
//     client.run(submission, {new_task_id(), {args, std::move(buffer).seal()}});
//
// Thread rule: a value; may outlive the client.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "common/model/bytes.hpp"

namespace penstock::client {

class PayloadBuffer {
  public:
    struct Memory;
    explicit PayloadBuffer(std::unique_ptr<Memory> memory);
    ~PayloadBuffer();
    PayloadBuffer(PayloadBuffer&&) noexcept;
    PayloadBuffer& operator=(PayloadBuffer&&) noexcept;
    PayloadBuffer(const PayloadBuffer&) = delete;
    PayloadBuffer& operator=(const PayloadBuffer&) = delete;

    // To be written; what is in it at first is anything.
    [[nodiscard]] std::span<std::byte> bytes() const;
    // The first `length` bytes, which may not change from here on.
    [[nodiscard]] SharedBytes seal(std::size_t length) &&;
    [[nodiscard]] SharedBytes seal() && {
        const std::size_t all = bytes().size();
        return std::move(*this).seal(all);
    }

  private:
    std::unique_ptr<Memory> memory_;
};

}  // namespace penstock::client
