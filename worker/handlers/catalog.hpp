// The table of contents: every type that this worker can run. Adding a handler is one line here.
#pragma once

#include <span>
#include <string_view>

#include "worker/handlers/handler.hpp"

namespace penstock::worker {

struct CatalogEntry {
    std::string_view type;  // valid for the life of the program
    SlotClass slot_class;
    Handler handler;
};

// All types, sorted by name.
[[nodiscard]] std::span<const CatalogEntry> catalog();
// The entry for a type, or null.
[[nodiscard]] const CatalogEntry* find_handler(std::string_view type);

}  // namespace penstock::worker
