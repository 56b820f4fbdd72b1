// A disk whose power can be cut: what was not synced may be there afterwards or not, sector by
// sector and name by name, as the one who cuts it decides. And the kernel before it, which keeps
// what a killed process wrote, and which forgets, when a sync fails, that it was not written.
//
// Thread rule: one thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "broker/store/log/files.hpp"

namespace penstock::simulation {

class Disk {
  public:
    // What a file holds; it lives on while it is open or has a name.
    struct Content {
        std::vector<std::byte> now;
        std::vector<std::byte> safe;
        // Sectors that a failed sync did not write, and that no later one will: by their offsets.
        std::set<std::size_t> forgotten;
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

    // All files together have at most so many bytes. Set before anything runs.
    void set_size(std::uint64_t bytes) { size_bytes_ = bytes; }

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

    Names names_;
    Names safe_names_;
    // Whether the file may grow to so many bytes.
    [[nodiscard]] bool has_room(const Content& content, std::uint64_t bytes) const;

    std::uint64_t size_bytes_ = never;
    std::uint64_t operations_ = 0;
    std::uint64_t cut_at_ = never;
    std::uint64_t fail_sync_at_ = never;
};

}  // namespace penstock::simulation
