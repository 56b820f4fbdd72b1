// Brokers that a user has saved by name, in one small file of theirs.
//
// Thread rule: values; contexts_path reads the environment, so call it before any thread starts.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/model/result.hpp"

namespace penstock::cli {

struct SavedContext {
    std::string name;
    std::string server;

    friend bool operator==(const SavedContext&, const SavedContext&) = default;
};

struct Contexts {
    std::vector<SavedContext> saved;  // by name
    std::string current;              // the one in use; empty: none

    // Nothing if there is none of that name. Valid until `saved` changes.
    [[nodiscard]] const SavedContext* find(std::string_view name) const;
    // Adds it, or puts it in the place of the one with its name.
    void put(SavedContext context);
    // False if there is none of that name.
    bool remove(const std::string& name);

    friend bool operator==(const Contexts&, const Contexts&) = default;
};

// $XDG_CONFIG_HOME/penstock/contexts.json, or the same below ~/.config (XDG Base Directory
// Specification 0.8); nothing without both.
[[nodiscard]] std::optional<std::filesystem::path> contexts_path();

// No file is no contexts. Errors: internal (cannot be read, or is not what change_contexts writes;
// the text names the file).
[[nodiscard]] Result<Contexts> load_contexts(const std::filesystem::path& path);
// Loads them, lets `change` do its work and, unless that fails, saves them; makes the folder if
// need be. Whoever else changes them meanwhile waits. Errors: internal, those of `change`.
[[nodiscard]] Result<void> change_contexts(const std::filesystem::path& path,
                                           const std::function<Result<void>(Contexts&)>& change);

}  // namespace penstock::cli
