// A named segment in /dev/shm: blocks of payload bytes, and for each block the generation under
// which the slot that begins there can be read (docs/MEMORY.md has the layout).
//
// Two locks on the file (open file description locks, which the kernel drops with the process)
// tell who is alive: byte 0 is the owner's, byte 1 is shared by all who need the name. Whoever
// leaves last removes the name; sweep() does for those who were killed.
//
// Readers trust nothing in the file but the generations: where a slot lies follows from its number
// and the size of the file. Only files of the same user are opened, so writer and reader trust each
// other; one that truncates its segment ends its readers.
//
// Thread rule: an OwnSegment is guarded by who owns it; a ForeignSegment may be used by several
// threads.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "common/model/bytes.hpp"
#include "common/model/result.hpp"
#include "common/model/slot_ref.hpp"

namespace penstock::shm {

inline constexpr std::size_t block_bytes = std::size_t{64} << 10U;

[[nodiscard]] inline std::uint32_t blocks_for(std::size_t bytes) {
    return static_cast<std::uint32_t>((bytes + block_bytes - 1) / block_bytes);
}

// A name that no other segment has; nothing has been made yet.
[[nodiscard]] std::string new_segment_name();
// What only the user of a segment can know of it.
[[nodiscard]] std::uint64_t new_segment_key();

// Whose segments this process can read: the machine since it was started, the /dev/shm that it
// sees, and the user. Equal for two processes that can share memory. Empty: this one can not.
[[nodiscard]] std::string memory_domain();
// What /dev/shm has room for now, in bytes; 0 if there is none.
[[nodiscard]] std::uint64_t free_bytes();

// Removes the segments of this user that nobody alive needs. Returns how many there were.
std::size_t sweep();

// A mapped file. Private to this folder.
class Mapping {
  public:
    Mapping() = default;
    Mapping(int descriptor, std::byte* address, std::size_t bytes)
        : descriptor_(descriptor), address_(address), bytes_(bytes) {}
    Mapping(Mapping&& other) noexcept { swap(other); }
    Mapping& operator=(Mapping&& other) noexcept {
        swap(other);
        return *this;
    }
    Mapping(const Mapping&) = delete;
    Mapping& operator=(const Mapping&) = delete;
    ~Mapping();

    [[nodiscard]] int descriptor() const { return descriptor_; }
    [[nodiscard]] std::span<std::byte> bytes() const { return {address_, bytes_}; }
    // Of the blocks behind the table.
    [[nodiscard]] std::uint32_t blocks() const;
    [[nodiscard]] std::byte* block(std::uint32_t index) const;
    [[nodiscard]] std::atomic_ref<std::uint64_t> generation(std::uint32_t index) const;

  private:
    void swap(Mapping& other) {
        std::swap(descriptor_, other.descriptor_);
        std::swap(address_, other.address_);
        std::swap(bytes_, other.bytes_);
    }

    int descriptor_ = -1;
    std::byte* address_ = nullptr;
    std::size_t bytes_ = 0;
};

class OwnSegment {
  public:
    // Room for `blocks` blocks under this name, of which none has memory yet.
    // Errors: unavailable (no /dev/shm, no right, no descriptor).
    [[nodiscard]] static Result<OwnSegment> create(const std::string& name, std::uint64_t key,
                                                   std::uint32_t blocks);
    OwnSegment(OwnSegment&&) noexcept = default;
    OwnSegment& operator=(OwnSegment&&) = delete;
    OwnSegment(const OwnSegment&) = delete;
    OwnSegment& operator=(const OwnSegment&) = delete;
    // Removes the name unless somebody else needs it.
    ~OwnSegment();

    // Gives the first `blocks` blocks memory of their own, so that writing to them can not fail.
    // False: /dev/shm has no room.
    [[nodiscard]] bool allocate(std::uint32_t blocks);
    // Requires: inside of what was allocated.
    [[nodiscard]] std::span<std::byte> slot(std::uint32_t first, std::uint32_t blocks);
    // From here on readers may read it under this generation; and from here on no more.
    void publish(std::uint32_t slot, std::uint64_t generation);
    void withdraw(std::uint32_t slot);
    // The block that this address lies in; nothing if it lies in none.
    [[nodiscard]] std::optional<std::uint32_t> block_of(const std::byte* address) const;

  private:
    OwnSegment(std::string name, Mapping mapping)
        : name_(std::move(name)), mapping_(std::move(mapping)) {}

    std::string name_;
    Mapping mapping_;
    std::uint32_t allocated_ = 0;
};

class ForeignSegment {
  public:
    // Whether the name is to stay for others for as long as this one is open: the broker's, which
    // gives references to those who have not opened it yet.
    enum class Keep : std::uint8_t { no, yes };
    // Whether it may be changed through this mapping.
    enum class Access : std::uint8_t { read, write };

    // Errors: not_found (there is none of that name), unavailable (it cannot be opened), malformed
    // (no segment's name, or not the file of one).
    [[nodiscard]] static Result<std::shared_ptr<ForeignSegment>> open(const std::string& name,
                                                                      Keep keep,
                                                                      Access access = Access::read);
    explicit ForeignSegment(std::string name, Mapping mapping, Keep keep)
        : name_(std::move(name)), mapping_(std::move(mapping)), keep_(keep) {}
    ForeignSegment(const ForeignSegment&) = delete;
    ForeignSegment& operator=(const ForeignSegment&) = delete;
    ~ForeignSegment();

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] std::uint64_t key() const;
    // Where the slot lies, if it has this generation now. The bytes stay valid as long as this
    // object; whether they were still the slot's is what another holds() after reading tells.
    [[nodiscard]] std::optional<ByteView> find(const SlotRef& ref) const;
    [[nodiscard]] bool holds(const SlotRef& ref) const;
    // Copies the slot out; nothing if it has, or got meanwhile, another generation.
    [[nodiscard]] std::optional<SharedBytes> copy(const SlotRef& ref) const;
    // The slot that these bytes are all of, as it is now. Nothing if they do not lie here.
    [[nodiscard]] std::optional<SlotRef> ref_of(ByteView bytes) const;
    [[nodiscard]] bool owner_lives() const;

  private:
    void touch(std::size_t offset, std::size_t length) const;

    std::string name_;
    Mapping mapping_;
    Keep keep_;
    mutable std::mutex mutex_;
    mutable std::size_t touched_ = 0;  // bytes from the beginning whose pages are mapped
};

}  // namespace penstock::shm
