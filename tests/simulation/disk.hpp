// A disk whose power can be cut: what was not synced may be there afterwards or not, sector by
// sector and name by name, as the one who cuts it decides. And the kernel before it, which keeps
// what a killed process wrote, and which forgets, when a sync fails, that it was not written.
//
// Thread rule: its folder and files as files.hpp has it; the rest by one thread, while no other
// uses them.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "broker/store/log/files.hpp"
#include "broker/store/log/sector.hpp"

namespace penstock::simulation {

class Disk {
  public:
    // What a file holds; it lives on while it is open or has a name.
    struct Content {
        // A sector that has been written since it was safe.
        struct Unsafe {
            std::array<std::byte, broker::sector_bytes> safe;
            bool forgotten = false;  // a failed sync did not write it, and no later one will
        };
        std::vector<std::byte> now;
        std::size_t safe_size = 0;
        std::map<std::size_t, Unsafe> unsafe;  // by their offsets
    };
    using Names = std::map<std::string, std::shared_ptr<Content>>;

    Disk() = default;
    Disk(Disk&&) = default;
    Disk& operator=(Disk&&) = delete;

    // Another disk with the same on it, safe or not. Requires: nothing is open.
    [[nodiscard]] Disk copy() const;

    // Its one folder. The disk outlives it, and everything opened there.
    [[nodiscard]] std::unique_ptr<broker::Folder> folder();

    // Operations so far that could have failed: writes, syncs and changes of names.
    [[nodiscard]] std::uint64_t operations() const { return operations_; }
    // The power goes in the middle of that operation, counted as above: it is begun and not
    // ended, and all later ones fail.
    void cut_at(std::uint64_t operation) { cut_at_ = operation; }
    // That operation, if it is the sync of a file, fails without anything being written.
    void fail_sync_at(std::uint64_t operation) { fail_sync_at_ = operation; }

    // Files grow only while all of them together have at most so many bytes, and get another name
    // only while they have fewer: it may take a block of its own.
    void set_size(std::uint64_t bytes) { size_bytes_ = bytes; }
    [[nodiscard]] std::uint64_t used_bytes() const;

    // What a cut would leave to chance: sectors and names that differ from what is safe.
    [[nodiscard]] std::size_t uncertain() const;
    // The power comes back. `survives(i)` decides for each of the uncertain() things whether the
    // new state is there or the old one.
    void restart(const std::function<bool(std::size_t)>& survives);

    // The process was killed, and another one starts: the kernel still has everything.
    void restart_process();

    // As it is now, for tests that damage it.
    [[nodiscard]] std::vector<std::byte>& bytes_of(const std::string& name) {
        return names_.at(name)->now;
    }
    [[nodiscard]] const Names& names() const { return names_; }

  private:
    class OpenFile;
    class OpenFolder;

    // An operation begins. False: the power is gone.
    [[nodiscard]] bool begin();
    // Whether the operation that has begun may end.
    [[nodiscard]] bool ends() const { return operations_ <= cut_at_; }

    static constexpr std::uint64_t never = ~std::uint64_t{0};

    // Held by each operation on the folder and its files. On the heap, so that a disk can be moved.
    [[nodiscard]] std::unique_lock<std::mutex> lock() const { return std::unique_lock(*mutex_); }

    // Whether the file may grow to so many bytes.
    [[nodiscard]] bool has_room(const Content& content, std::uint64_t bytes) const;

    std::unique_ptr<std::mutex> mutex_ = std::make_unique<std::mutex>();
    Names names_;
    Names safe_names_;
    std::uint64_t size_bytes_ = never;
    std::uint64_t operations_ = 0;
    std::uint64_t cut_at_ = never;
    std::uint64_t fail_sync_at_ = never;
};

}  // namespace penstock::simulation
