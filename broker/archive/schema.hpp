// The tables of the archive, and how an older file becomes one of today. docs/ARCHIVE.md explains
// them to people.
//
// Thread rule: a free function over a database.
#pragma once

#include <span>

#include "broker/archive/sqlite.hpp"

namespace penstock::broker {

// Statements that turn a file of version n (from 0, an empty one) into one of version n + 1, in
// their order. A new file goes through all of them, so that the way of an old one is always
// tried. PRAGMA user_version has the version.
[[nodiscard]] std::span<const char* const> schema_steps();

// Brings the file up to date, in one transaction per step.
// Errors: unsupported (made by a newer Penstock), malformed (damaged, or no archive), and those of
// Database.
[[nodiscard]] Result<void> bring_up_to_date(Database& database);

}  // namespace penstock::broker
