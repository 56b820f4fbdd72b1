// The archive's file, or its database in memory: puts in what has ended and answers questions.
// Everything that changes it is durable when the call returns, since the journal lets go of what
// is here.
//
// Thread rule: one thread at a time.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "broker/archive/rows.hpp"
#include "broker/core/archive_entry.hpp"

namespace penstock::broker {

// What is kept: the oldest go first.
struct ArchiveLimits {
    // A gigabyte of tasks without large bodies; what looks through them all still takes a second.
    std::uint64_t tasks_max = 1'000'000;
    // Of what they were submitted with. As much as a broker holds of open tasks.
    std::uint64_t bytes_max = std::uint64_t{4} << 30U;
    std::chrono::milliseconds ttl{std::chrono::hours(24 * 30)};
};

class SqliteArchive {
  public:
    // Opens the file, brings it up to date, or makes it; empty: in memory.
    // Errors: malformed (damaged, or no archive), unsupported (of a newer version), busy,
    // disk_full, internal.
    [[nodiscard]] static Result<SqliteArchive> open(const std::string& path);

    // The last sequence number that has been applied; 0: none.
    [[nodiscard]] Sequence applied() const { return applied_; }
    [[nodiscard]] std::uint64_t tasks() const { return extent_.tasks; }
    // All of them or none. What is there already stays as it is. Requires: sequences do not
    // descend.
    [[nodiscard]] Result<void> apply(std::span<const ArchiveEntry> entries);
    // As if everything up to there had been applied, and nothing behind it.
    [[nodiscard]] Result<void> follow(Sequence sequence);
    // Removes what is beyond the limits, some thousands at most. Returns how many.
    [[nodiscard]] Result<std::uint64_t> purge(const ArchiveLimits& limits, std::int64_t now_ms);
    // An error is in the reply.
    [[nodiscard]] protocol::ArchiveReply carry_out(const protocol::ArchiveRequest& request,
                                                   std::int64_t now_ms);

  private:
    explicit SqliteArchive(Database database) : database_(std::move(database)) {}
    [[nodiscard]] Result<void> get_ready();
    [[nodiscard]] Extent purge_oldest(const Extent& excess);
    [[nodiscard]] Extent purge_older_than(std::int64_t unix_ms);
    void set_applied(Sequence sequence);
    void list(const protocol::ArchiveRequest& request, protocol::ArchiveReply& reply);
    void get(const protocol::ArchiveRequest& request, std::int64_t now_ms,
             protocol::ArchiveReply& reply);
    [[nodiscard]] Extent remove(const protocol::ArchiveRequest& request,
                                protocol::ArchiveReply& reply);
    void mark_retried(const protocol::ArchiveRequest& request, std::int64_t now_ms,
                      protocol::ArchiveReply& reply);

    Database database_;
    Sequence applied_ = 0;
    Extent extent_;
};

}  // namespace penstock::broker
