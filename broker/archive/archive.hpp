// The archive of what has ended, beside the broker's loop: a thread of its own puts entries into
// SQLite and answers questions, so that the loop never waits for it. The journal is the truth; the
// archive follows it, and may be behind.
//
// When it fails for longer than `patience`, or is damaged, it gives up until the broker starts
// anew: the broker goes on without it, and the journal keeps what is not in it (docs/ARCHIVE.md).
//
// Thread rule: made, called and destroyed by the broker's loop thread. Where the two threads meet
// is a mutex around two lists: held for a swap or a push.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "broker/archive/sqlite_archive.hpp"
#include "common/model/time.hpp"
#include "common/protocol/codec.hpp"

namespace penstock::broker {

struct ArchiveOptions {
    std::string path;  // empty: in memory
    ArchiveLimits limits;
    // What ends within this time goes into the file together: a sync of its own for each would
    // keep the journal's disk busy.
    std::chrono::milliseconds linger{100};
    // How long a failing file is tried again; and how often.
    std::chrono::milliseconds patience{30'000};
    std::chrono::milliseconds retry_interval{1'000};
};

// For a peer that has asked.
struct ArchiveAnswer {
    SessionId session = no_session;
    protocol::Frames frames;
};

struct ArchiveNews {
    Sequence applied = 0;  // everything up to here is safe
    bool failed = false;   // nothing more gets in
    std::vector<ArchiveAnswer> answers;
};

class Archive {
  public:
    explicit Archive(ArchiveOptions options);
    // Leaves what waits: the journal has it.
    ~Archive();
    Archive(const Archive&) = delete;
    Archive& operator=(const Archive&) = delete;

    // Opens the file, or makes it; logs what is wrong. Call once, first.
    void open();
    // Begins its work, for a journal whose last record has that number. Call once, after open();
    // everything but take_news() comes later.
    void start(Sequence journal_end);
    // Becomes readable when there is news, until take_news().
    [[nodiscard]] int wake_descriptor() const { return wake_; }
    [[nodiscard]] ArchiveNews take_news();

    // Hands over what has ended. Requires: it is durable, in the order of its sequences.
    void add(std::vector<ArchiveEntry> entries);
    // Questions that wait. People and their programs ask one or a few at a time; each takes up to
    // 32 KiB, so these are 32 MiB.
    static constexpr std::size_t questions_max = 1'000;
    // Answered after all that has been handed over before is in; those beyond questions_max at
    // once, as busy.
    void ask(std::vector<ArchiveQuestion> questions);

  private:
    struct Work {
        std::vector<ArchiveEntry> entries;
        std::vector<ArchiveQuestion> questions;
        bool stopping = false;
    };

    // The thread's.
    void run();
    [[nodiscard]] Work wait();
    void apply(std::vector<ArchiveEntry>& entries);
    void note_failure(const Error& error);
    void give_up(const Error& error);
    void purge();
    void answer(const ArchiveQuestion& question);
    void wake() const;

    ArchiveOptions options_;
    int wake_;                              // an eventfd
    std::optional<SqliteArchive> archive_;  // the thread's, once it runs; none: could not be opened
    std::vector<ArchiveEntry> untaken_;     // the thread's: the file did not take them yet
    std::optional<Error> failure_;          // the thread's: it has given up
    std::optional<TimePoint> failing_since_;

    // Below: guarded by mutex_.
    std::mutex mutex_;
    std::condition_variable work_;
    Work waiting_;
    ArchiveNews news_;

    std::thread thread_;
};

}  // namespace penstock::broker
