// The archive's thread: what it takes, answers and survives.
#include "broker/archive/archive.hpp"

#include <algorithm>
#include <iterator>
#include <poll.h>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/unit/broker/archive/entries.hpp"

namespace penstock::broker {
namespace {

using namespace test;
using protocol::ArchiveAction;

constexpr SessionId peer = 7;

// Waits for news until `is_there` says that it is the one.
template <typename IsThere>
ArchiveNews wait_for(Archive& archive, const IsThere& is_there) {
    ArchiveNews all;
    while (true) {
        ArchiveNews news = archive.take_news();
        std::ranges::move(news.answers, std::back_inserter(all.answers));
        all.applied = news.applied;
        all.failed = news.failed;
        if (is_there(all)) {
            return all;
        }
        pollfd wakes{archive.wake_descriptor(), POLLIN, 0};
        REQUIRE(::poll(&wakes, 1, 20'000) == 1);
    }
}

protocol::ArchiveReply reply_of(Archive& archive, protocol::ArchiveRequest request) {
    archive.ask({{peer, std::move(request)}});
    const ArchiveNews news =
        wait_for(archive, [](const ArchiveNews& all) { return !all.answers.empty(); });
    REQUIRE(news.answers.size() == 1);
    CHECK(news.answers.front().session == peer);
    const auto message = protocol::decode(news.answers.front().frames, {});
    REQUIRE(message);
    return std::get<protocol::ArchiveReply>(*message);
}

ArchiveOptions quick(const std::string& path = "") {
    ArchiveOptions options;
    options.path = path;
    options.limits.ttl = std::chrono::hours(24 * 36'500);  // the entries are old
    options.patience = std::chrono::milliseconds(30);
    options.retry_interval = std::chrono::milliseconds(10);
    return options;
}

}  // namespace

TEST_CASE("questions beyond those that may wait are answered at once, as busy") {
    Archive archive(quick());
    archive.open();
    archive.start(0);
    constexpr std::size_t asked = Archive::questions_max + 3;
    archive.ask(std::vector<ArchiveQuestion>(asked, {peer, protocol::ArchiveRequest{}}));
    const ArchiveNews news =
        wait_for(archive, [](const ArchiveNews& all) { return all.answers.size() == asked; });
    const auto is_busy = [](const ArchiveAnswer& answer) {
        const auto message = protocol::decode(answer.frames, {});
        REQUIRE(message);
        const auto& error = std::get<protocol::ArchiveReply>(*message).error;
        return error && error->code == ErrorCode::busy;
    };
    CHECK(std::ranges::count_if(news.answers, is_busy) == 3);
}

TEST_CASE("what has been handed over is safe when the archive says so") {
    const TemporaryFolder folder;
    const std::string path = (folder.path() / "archive.sqlite").string();
    {
        Archive archive(quick(path));
        archive.open();
        archive.start(0);
        archive.add({dead_task(3), dead_task(4)});
        const ArchiveNews news =
            wait_for(archive, [](const ArchiveNews& all) { return all.applied == 4; });
        CHECK_FALSE(news.failed);
    }
    const Result<SqliteArchive> file = SqliteArchive::open(path);
    REQUIRE(file);
    CHECK(file->tasks() == 2);
}

TEST_CASE("an answer knows all that was handed over before the question") {
    Archive archive(quick());
    archive.open();
    archive.start(0);
    for (std::uint8_t number = 1; number <= 50; ++number) {
        archive.add({dead_task(number)});
        const auto reply = reply_of(archive, request_for(ArchiveAction::list));
        CHECK(reply.tasks.size() == number);
        CHECK(reply.tasks.at(0).id == numbered(number));
    }
}

TEST_CASE("a damaged file makes the archive give up at once, say why, and change nothing") {
    const TemporaryFolder folder;
    const auto path = folder.write("archive.sqlite", std::string(8'192, 'x'));
    Archive archive(quick(path.string()));
    archive.open();
    CHECK(archive.take_news().failed);
    archive.start(0);
    archive.add({dead_task(1)});
    const auto reply = reply_of(archive, request_for(ArchiveAction::list));
    REQUIRE(reply.error);
    CHECK(reply.error->code == ErrorCode::unavailable);
    CHECK(reply.error->message.find("archive.sqlite") != std::string::npos);
    CHECK(archive.take_news().applied == 0);
    CHECK(TemporaryFolder::read(path) == std::string(8'192, 'x'));
}

TEST_CASE("a file that others write in is waited for, and then given up") {
    const TemporaryFolder folder;
    const std::string path = (folder.path() / "archive.sqlite").string();
    Archive archive(quick(path));
    archive.open();
    Result<Database> other = Database::open(path);
    REQUIRE(other);
    other->execute("BEGIN IMMEDIATE");
    archive.start(0);
    archive.add({dead_task(1)});
    const ArchiveNews news = wait_for(archive, [](const ArchiveNews& all) { return all.failed; });
    CHECK(news.applied == 0);
    CHECK(reply_of(archive, request_for(ArchiveAction::list)).error);
}

TEST_CASE("a file that works again in time takes what has waited") {
    const TemporaryFolder folder;
    const std::string path = (folder.path() / "archive.sqlite").string();
    ArchiveOptions options = quick(path);
    options.patience = std::chrono::minutes(10);
    Archive archive(options);
    archive.open();
    Result<Database> other = Database::open(path);
    REQUIRE(other);
    other->execute("BEGIN IMMEDIATE");
    archive.start(0);
    archive.add({dead_task(1)});
    // It reads while somebody writes, and does not have the entry.
    CHECK(reply_of(archive, request_for(ArchiveAction::list)).tasks.empty());
    archive.add({dead_task(2)});
    other->execute("ROLLBACK");
    const ArchiveNews news =
        wait_for(archive, [](const ArchiveNews& all) { return all.applied == 2; });
    CHECK_FALSE(news.failed);
    CHECK(reply_of(archive, request_for(ArchiveAction::list)).tasks.size() == 2);
}

TEST_CASE("an archive that is ahead of its journal is taken for another's, and follows this one") {
    const TemporaryFolder folder;
    const std::string path = (folder.path() / "archive.sqlite").string();
    {
        Result<SqliteArchive> file = SqliteArchive::open(path);
        REQUIRE(file);
        REQUIRE(file->apply(std::vector{dead_task(90)}));
    }
    {
        Archive archive(quick(path));
        archive.open();
        CHECK(archive.take_news().applied == 90);
        archive.start(10);
        CHECK(archive.take_news().applied == 10);
        archive.add({dead_task(11)});
        wait_for(archive, [](const ArchiveNews& all) { return all.applied == 11; });
        CHECK(reply_of(archive, request_for(ArchiveAction::list)).tasks.size() == 2);
    }
    const Result<SqliteArchive> file = SqliteArchive::open(path);
    REQUIRE(file);
    CHECK(file->applied() == 11);
}

TEST_CASE("the limits are kept while the archive is at work") {
    ArchiveOptions options = quick();
    options.limits.tasks_max = 5;
    Archive archive(options);
    archive.open();
    archive.start(0);
    for (std::uint8_t number = 1; number <= 20; ++number) {
        archive.add({dead_task(number)});
    }
    CHECK(reply_of(archive, request_for(ArchiveAction::list)).tasks.size() == 5);
}

}  // namespace penstock::broker
