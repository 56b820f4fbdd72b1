// A journal that is made from another one: in a folder beside the place where it will be, so that a
// broker finds it complete or not at all.
//
// Thread rule: used by main().
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "broker/store/log/log_reader.hpp"

namespace penstock::broker::offline {

// The epoch of the life that begins in a journal that is a copy: greater than all that it knows of,
// and none that the original's later lives have had or will have, which go by the clock, too, and
// from the same number. `random` decides by how much it is apart. docs/decisions/0006.
[[nodiscard]] Epoch epoch_of_copy(Epoch known, std::int64_t unix_ms, std::uint64_t random);

class FreshJournal {
  public:
    // Makes the folders. Errors: conflict (`data` is there and holds something), unavailable.
    [[nodiscard]] static Result<FreshJournal> begin(const std::string& data);
    // Removes what is not finished.
    ~FreshJournal();
    FreshJournal(FreshJournal&& other) noexcept;
    FreshJournal& operator=(FreshJournal&&) = delete;
    FreshJournal(const FreshJournal&) = delete;
    FreshJournal& operator=(const FreshJournal&) = delete;

    // Where its segments are to be written. Valid until finish().
    [[nodiscard]] Folder& folder() { return *folder_; }
    // Reads all of it again, begins a life in it, makes it safe and puts it in its place. Returns
    // the epoch. `known`: an epoch that was before, even if these segments do not tell of it.
    // Errors: malformed, internal, disk_full.
    [[nodiscard]] Result<Epoch> finish(Epoch known);

  private:
    FreshJournal(std::filesystem::path place, std::filesystem::path unfinished,
                 std::unique_ptr<Folder> folder)
        : place_(std::move(place)),
          unfinished_(std::move(unfinished)),
          folder_(std::move(folder)) {}

    std::filesystem::path place_;
    std::filesystem::path unfinished_;  // empty: finished, or moved from
    std::unique_ptr<Folder> folder_;
};

}  // namespace penstock::broker::offline
