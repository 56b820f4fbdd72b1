// Memory in which large bodies may arrive, where the broker reads them if it can: so much for all
// of them together, however many there are and however slowly they come.
//
// Thread rule: any thread. Rooms may outlive it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "producer/client/payload_buffer.hpp"

namespace penstock::gateway {

class BodyMemory {
    // Bytes that are still to be had.
    using Left = std::atomic<std::uint64_t>;

  public:
    // Makes room for a payload, as Client::payload_buffer() does.
    using Make = std::function<client::PayloadBuffer(std::size_t)>;

    // Room for one body. Its bytes count until they are sealed, or it ends. Move-only.
    class Room {
      public:
        Room(client::PayloadBuffer buffer, std::size_t claimed, std::shared_ptr<Left> left)
            : buffer_(std::move(buffer)), claimed_(claimed), left_(std::move(left)) {}
        Room(Room&&) noexcept = default;
        Room& operator=(Room&& other) noexcept;
        Room(const Room&) = delete;
        Room& operator=(const Room&) = delete;
        ~Room();

        [[nodiscard]] std::span<std::byte> bytes() const { return buffer_.bytes(); }
        // The first `length` bytes, which may not change from here on.
        [[nodiscard]] SharedBytes seal(std::size_t length) &&;

      private:
        void give_back();

        client::PayloadBuffer buffer_;
        std::size_t claimed_;
        std::shared_ptr<Left> left_;  // null once it is moved from
    };

    BodyMemory(std::uint64_t bytes_max, Make make)
        : left_(std::make_shared<Left>(bytes_max)), make_(std::move(make)) {}

    // Nothing while others have too much of it.
    [[nodiscard]] std::optional<Room> claim(std::size_t bytes);
    // For one that is here already, and is not counted.
    [[nodiscard]] client::PayloadBuffer make(std::size_t bytes) const { return make_(bytes); }

  private:
    std::shared_ptr<Left> left_;
    Make make_;
};

}  // namespace penstock::gateway
