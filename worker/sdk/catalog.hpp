// What one worker can run, by type.
//
// Thread rule: any thread; it does not change.
#pragma once

#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "common/model/result.hpp"
#include "worker/sdk/handler.hpp"

namespace penstock::worker {

class Catalog {
  public:
    // Errors: malformed (a type that is no name, is listed twice or has no handler; none at all).
    [[nodiscard]] static Result<Catalog> of(std::vector<HandlerEntry> entries);

    // All entries, sorted by type.
    [[nodiscard]] std::span<const HandlerEntry> entries() const { return entries_; }
    // The entry for a type, or null. Valid as long as the catalog.
    [[nodiscard]] const HandlerEntry* find(std::string_view type) const;

  private:
    explicit Catalog(std::vector<HandlerEntry> entries) : entries_(std::move(entries)) {}

    std::vector<HandlerEntry> entries_;
};

}  // namespace penstock::worker
