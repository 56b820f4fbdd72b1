#include "worker/sdk/catalog.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace penstock::worker {

Result<Catalog> Catalog::of(std::vector<HandlerEntry> entries) {
    if (entries.empty()) {
        return fail(ErrorCode::malformed, "a worker needs at least one handler");
    }
    std::ranges::sort(entries, {}, &HandlerEntry::type);
    for (const HandlerEntry& entry : entries) {
        const std::string quoted = "'" + std::string(entry.type) + "'";
        if (!is_valid_name(entry.type)) {
            return fail(ErrorCode::malformed, quoted + " cannot be a type: use 1 to " +
                                                  std::to_string(name_bytes_max) +
                                                  " letters, digits and . _ - :");
        }
        if (entry.handler == nullptr) {
            return fail(ErrorCode::malformed, "the type " + quoted + " has no handler");
        }
    }
    const auto twice = std::ranges::adjacent_find(entries, {}, &HandlerEntry::type);
    if (twice != entries.end()) {
        return fail(ErrorCode::malformed,
                    "the type '" + std::string(twice->type) + "' is listed twice");
    }
    return Catalog(std::move(entries));
}

const HandlerEntry* Catalog::find(std::string_view type) const {
    const auto found = std::ranges::lower_bound(entries_, type, {}, &HandlerEntry::type);
    return found == entries_.end() || found->type != type ? nullptr : &*found;
}

}  // namespace penstock::worker
