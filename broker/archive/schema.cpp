#include "broker/archive/schema.hpp"

#include <array>
#include <string>

namespace penstock::broker {
namespace {

// "Penst" in the file's head: `file archive.sqlite` and a wrong --data are told by it.
constexpr const char* mark_as_ours = "PRAGMA application_id = 1349873524;";
constexpr std::int64_t our_application_id = 1'349'873'524;

constexpr std::array steps = {
    // 1
    R"(
CREATE TABLE archive (applied INTEGER NOT NULL);
INSERT INTO archive VALUES (0);
CREATE TABLE tasks (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    sequence INTEGER NOT NULL,
    type TEXT NOT NULL,
    queue TEXT NOT NULL,
    state TEXT NOT NULL,
    dead_reason TEXT,
    attempts INTEGER NOT NULL,
    durability TEXT NOT NULL,
    max_attempts INTEGER NOT NULL,
    time_limit_ms INTEGER NOT NULL,
    backoff_base_ms INTEGER NOT NULL,
    backoff_max_ms INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    finished_at INTEGER NOT NULL,
    error_code TEXT,
    error_message TEXT
);
CREATE INDEX tasks_by_end ON tasks (finished_at);
CREATE TABLE bodies (
    position INTEGER PRIMARY KEY REFERENCES tasks ON DELETE CASCADE,
    args BLOB NOT NULL,
    payload BLOB NOT NULL
);
CREATE TABLE attempts (
    position INTEGER NOT NULL REFERENCES tasks ON DELETE CASCADE,
    attempt INTEGER NOT NULL,
    host TEXT,
    pid INTEGER,
    process INTEGER,
    thread INTEGER,
    started_at INTEGER,
    run_us INTEGER NOT NULL,
    error_code TEXT,
    error_message TEXT,
    cause TEXT,
    code INTEGER,
    peak_memory_bytes INTEGER,
    PRIMARY KEY (position, attempt)
) WITHOUT ROWID;
)",
    // 2: what was submitted in a task's place
    R"(
ALTER TABLE tasks ADD COLUMN retry_id TEXT;
ALTER TABLE tasks ADD COLUMN retried_at INTEGER NOT NULL DEFAULT 0;
)",
    // 3: how much room each takes, and more of what a process died of
    R"(
ALTER TABLE tasks ADD COLUMN body_bytes INTEGER NOT NULL DEFAULT 0;
UPDATE tasks SET body_bytes =
    (SELECT length(args) + length(payload) FROM bodies WHERE bodies.position = tasks.position)
    WHERE position IN (SELECT position FROM bodies);
ALTER TABLE attempts ADD COLUMN cpu_us INTEGER;
ALTER TABLE attempts ADD COLUMN last_words TEXT;
)",
};

Result<void> refuse(Database& database, ErrorCode code, std::string text) {
    if (auto failure = database.take_failure()) {
        return tl::unexpected(std::move(*failure));
    }
    return fail(code, std::move(text));
}

}  // namespace

std::span<const char* const> schema_steps() {
    return steps;
}

Result<void> bring_up_to_date(Database& database) {
    const std::int64_t found = database.number("PRAGMA user_version");
    const auto newest = static_cast<std::int64_t>(steps.size());
    if (found > newest) {
        return refuse(database, ErrorCode::unsupported,
                      "the archive is of version " + std::to_string(found) +
                          ", made by a newer Penstock; this one reads up to version " +
                          std::to_string(newest));
    }
    const bool has_tables = database.number("SELECT count(*) FROM sqlite_schema") > 0;
    if (has_tables && database.number("PRAGMA application_id") != our_application_id) {
        return refuse(database, ErrorCode::malformed,
                      "the file is a database, but no archive of Penstock");
    }
    for (auto version = found; database.ok() && version < newest; ++version) {
        Transaction transaction(database, Transaction::Kind::write);
        database.execute(mark_as_ours);
        database.execute(steps.at(static_cast<std::size_t>(version)));
        database.execute(("PRAGMA user_version = " + std::to_string(version + 1)).c_str());
        if (Result<void> done = transaction.commit(); !done) {
            return done;
        }
    }
    if (auto failure = database.take_failure()) {
        return tl::unexpected(std::move(*failure));
    }
    return {};
}

}  // namespace penstock::broker
