#include "broker/archive/archive.hpp"

#include <cerrno>
#include <iterator>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "common/telemetry/log.hpp"

namespace penstock::broker {
namespace {

// How often an idle archive looks for what is too old.
constexpr std::chrono::seconds purge_interval{60};

template <typename T>
void append(std::vector<T>& to, std::vector<T> from) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace

Archive::Archive(ArchiveOptions options)
    : options_(std::move(options)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (wake_ < 0) {
        throw std::system_error(errno, std::system_category(), "eventfd");
    }
}

Archive::~Archive() {
    if (thread_.joinable()) {
        {
            const std::lock_guard lock(mutex_);
            waiting_.stopping = true;
        }
        work_.notify_one();
        thread_.join();
    }
    ::close(wake_);
}

void Archive::open() {
    Result<SqliteArchive> opened = SqliteArchive::open(options_.path);
    if (opened) {
        archive_.emplace(*std::move(opened));
        news_.applied = archive_->applied();
        telemetry::info("the archive has tasks={} applied={}", archive_->tasks(), news_.applied);
    } else {
        give_up(opened.error());
    }
}

void Archive::start(Sequence journal_end) {
    if (!failure_ && archive_->applied() > journal_end) {
        telemetry::warning(
            "the archive follows another journal, or a later state of this one: its tasks are "
            "kept, but those are missing that have ended in this journal so far "
            "(penstock-broker rebuild-archive)");
        if (Result<void> set = archive_->follow(journal_end); !set) {
            give_up(set.error());
        }
        news_.applied = journal_end;
    }
    thread_ = std::thread([this] { run(); });
}

ArchiveNews Archive::take_news() {
    std::uint64_t count = 0;
    // Only empties the descriptor; nothing to read is as good.
    static_cast<void>(::read(wake_, &count, sizeof count));
    const std::lock_guard lock(mutex_);
    return {news_.applied, news_.failed, std::exchange(news_.answers, {})};
}

void Archive::add(std::vector<ArchiveEntry> entries) {
    if (entries.empty()) {
        return;
    }
    {
        const std::lock_guard lock(mutex_);
        if (news_.failed) {
            return;
        }
        append(waiting_.entries, std::move(entries));
    }
    work_.notify_one();
}

void Archive::ask(std::vector<ArchiveQuestion> questions) {
    if (questions.empty()) {
        return;
    }
    bool refused = false;
    {
        const std::lock_guard lock(mutex_);
        for (ArchiveQuestion& question : questions) {
            if (waiting_.questions.size() < questions_max) {
                waiting_.questions.push_back(std::move(question));
                continue;
            }
            protocol::ArchiveReply reply;
            reply.request = question.request.request;
            reply.error =
                Error{ErrorCode::busy, "too many questions to the archive wait; ask again"};
            news_.answers.push_back({question.session, protocol::encode(reply)});
            refused = true;
        }
    }
    if (refused) {
        wake();
    }
    work_.notify_one();
}

void Archive::run() {
    while (true) {
        Work work = wait();
        if (work.stopping) {
            return;
        }
        append(untaken_, std::move(work.entries));
        apply(untaken_);
        purge();
        for (const ArchiveQuestion& question : work.questions) {
            answer(question);
        }
    }
}

Archive::Work Archive::wait() {
    std::unique_lock lock(mutex_);
    const auto is_urgent = [this] { return waiting_.stopping || !waiting_.questions.empty(); };
    if (untaken_.empty()) {
        work_.wait_for(lock, purge_interval,
                       [&] { return is_urgent() || !waiting_.entries.empty(); });
        work_.wait_for(lock, options_.linger, is_urgent);
    } else {
        work_.wait_for(lock, options_.retry_interval, is_urgent);
    }
    return std::exchange(waiting_, {});
}

void Archive::apply(std::vector<ArchiveEntry>& entries) {
    if (failure_) {
        entries.clear();
    }
    if (entries.empty()) {
        return;
    }
    if (Result<void> done = archive_->apply(entries); !done) {
        note_failure(done.error());
        return;
    }
    if (failing_since_) {
        telemetry::info("the archive works again");
        failing_since_.reset();
    }
    entries.clear();
    {
        const std::lock_guard lock(mutex_);
        news_.applied = archive_->applied();
    }
    wake();
}

void Archive::note_failure(const Error& error) {
    const TimePoint now = Instant::read().steady;
    if (error.code == ErrorCode::malformed) {
        give_up(error);
        return;
    }
    if (!failing_since_) {
        failing_since_ = now;
        telemetry::warning("the archive takes nothing now and is tried again: {}", error.message);
    }
    if (now - *failing_since_ >= options_.patience) {
        give_up(error);
    }
}

void Archive::give_up(const Error& error) {
    telemetry::error(
        "the archive has failed, and dead tasks do not get into it until the broker is started "
        "again; the journal keeps them meanwhile, see docs/ARCHIVE.md: {}",
        error.message);
    failure_ = error;
    untaken_.clear();
    {
        const std::lock_guard lock(mutex_);
        news_.failed = true;
        waiting_.entries.clear();
    }
    wake();
}

void Archive::purge() {
    if (failure_) {
        return;
    }
    const Result<std::uint64_t> removed = archive_->purge(options_.limits, Instant::read().unix_ms);
    if (removed && *removed > 0) {
        telemetry::info("the archive has let go of its oldest tasks removed={} left={}", *removed,
                        archive_->tasks());
    }
}

void Archive::answer(const ArchiveQuestion& question) {
    protocol::ArchiveReply reply;
    if (failure_) {
        reply.request = question.request.request;
        reply.error = Error{ErrorCode::unavailable,
                            "the archive has failed, and the broker goes on without it until it is "
                            "started again: " +
                                failure_->message};
    } else {
        reply = archive_->carry_out(question.request, Instant::read().unix_ms);
    }
    protocol::Frames frames = protocol::encode(reply);
    {
        const std::lock_guard lock(mutex_);
        news_.answers.push_back({question.session, std::move(frames)});
    }
    wake();
}

void Archive::wake() const {
    const std::uint64_t one = 1;
    static_cast<void>(::write(wake_, &one, sizeof one));
}

}  // namespace penstock::broker
