#include "broker/archive/sqlite_archive.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "broker/archive/schema.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/unit/broker/archive/entries.hpp"

namespace penstock::broker {
namespace {

using namespace test;
using protocol::ArchiveAction;
using protocol::ArchivedTask;
using protocol::ArchiveReply;
using protocol::ArchiveRequest;

constexpr std::int64_t now_ms = 1'700'000'100'000;

SqliteArchive opened(const std::string& path = "") {
    Result<SqliteArchive> archive = SqliteArchive::open(path);
    INFO((archive ? std::string() : archive.error().message));
    REQUIRE(archive);
    return *std::move(archive);
}

void put(SqliteArchive& archive, const std::vector<ArchiveEntry>& entries) {
    const Result<void> done = archive.apply(entries);
    INFO((done ? std::string() : done.error().message));
    REQUIRE(done);
}

ArchiveReply carry_out(SqliteArchive& archive, const ArchiveRequest& request) {
    ArchiveReply reply = archive.carry_out(request, now_ms);
    INFO((reply.error ? reply.error->message : std::string()));
    REQUIRE_FALSE(reply.error);
    return reply;
}

std::vector<std::uint8_t> numbers(const std::vector<ArchivedTask>& tasks) {
    std::vector<std::uint8_t> found;
    std::ranges::transform(tasks, std::back_inserter(found),
                           [](const ArchivedTask& task) { return task.id.bytes[15]; });
    return found;
}

std::vector<std::uint8_t> listed(SqliteArchive& archive) {
    return numbers(carry_out(archive, request_for(ArchiveAction::list)).tasks);
}

ArchivedTask whole(SqliteArchive& archive, std::uint8_t number) {
    const auto reply = carry_out(archive, request_for(ArchiveAction::get, {numbered(number)}));
    REQUIRE(reply.tasks.size() == 1);
    return reply.tasks.front();
}

using Numbers = std::vector<std::uint8_t>;

}  // namespace

TEST_CASE("a task comes out of the archive as it was put in") {
    SqliteArchive archive = opened();
    ArchiveEntry bare = dead_task(2);
    bare.task.state = TaskState::cancelled;
    bare.task.dead_reason = DeadReason::none;
    bare.task.error.reset();
    bare.task.reports.clear();
    bare.task.body = {};
    put(archive, {dead_task(1), bare});
    CHECK(whole(archive, 1) == dead_task(1).task);
    CHECK(whole(archive, 2) == bare.task);
    CHECK(archive.applied() == 2);
}

TEST_CASE("what is applied twice is there once") {
    SqliteArchive archive = opened();
    put(archive, {dead_task(1), dead_task(2)});
    ArchiveEntry changed = dead_task(1);
    changed.task.type = "other";
    put(archive, {changed, dead_task(2), dead_task(3)});
    CHECK(listed(archive) == Numbers{3, 2, 1});
    CHECK(archive.tasks() == 3);
    CHECK(whole(archive, 1).type == "sum");
}

TEST_CASE("a task that came back under its id and died again is the newest") {
    SqliteArchive archive = opened();
    put(archive, {dead_task(1), dead_task(2)});
    ArchiveEntry again = dead_task(1);
    again.sequence = 9;
    again.task.reports.resize(1);
    again.task.body = {};
    put(archive, {again});
    CHECK(listed(archive) == Numbers{1, 2});
    CHECK(whole(archive, 1) == again.task);
    CHECK(archive.tasks() == 2);
}

TEST_CASE("an end that was written again only fills a gap") {
    SqliteArchive archive = opened();
    put(archive, {dead_task(1)});
    ArchiveEntry again = dead_task(1);
    again.sequence = 9;
    again.again = true;
    again.task.body = {};
    ArchiveEntry other = dead_task(2);
    other.sequence = 10;
    other.again = true;
    put(archive, {again, other});
    CHECK(whole(archive, 1) == dead_task(1).task);
    CHECK(listed(archive) == Numbers{2, 1});
}

TEST_CASE("what was applied is there when the file is opened again") {
    const TemporaryFolder folder;
    const std::string path = (folder.path() / "archive.sqlite").string();
    {
        SqliteArchive archive = opened(path);
        put(archive, {dead_task(7)});
    }
    SqliteArchive archive = opened(path);
    CHECK(archive.applied() == 7);
    CHECK(archive.tasks() == 1);
    CHECK(whole(archive, 7) == dead_task(7).task);
    const auto rights = std::filesystem::status(path).permissions();
    CHECK((rights & std::filesystem::perms(0077)) == std::filesystem::perms::none);
}

TEST_CASE("pages go on where they ended, whatever is put in or removed meanwhile") {
    SqliteArchive archive = opened();
    for (std::uint8_t number = 1; number <= 20; ++number) {
        put(archive, {dead_task(number)});
    }
    ArchiveRequest request = request_for(ArchiveAction::list);
    request.limit = 6;
    Numbers seen;
    std::uint8_t next = 100;
    do {
        const ArchiveReply reply = carry_out(archive, request);
        const Numbers page = numbers(reply.tasks);
        seen.insert(seen.end(), page.begin(), page.end());
        request.cursor = reply.next_cursor;
        put(archive, {dead_task(next++)});
        // The last one of the page, on which the next page stands, and one of the next page.
        carry_out(archive, request_for(ArchiveAction::remove, {numbered(page.back())}));
        if (page.back() == 15) {
            carry_out(archive, request_for(ArchiveAction::remove, {numbered(12)}));
        }
    } while (request.cursor != 0);
    Numbers expected;
    for (std::uint8_t number = 20; number >= 1; --number) {
        if (number != 12) {
            expected.push_back(number);
        }
    }
    CHECK(seen == expected);
}

TEST_CASE("a filter keeps what it names") {
    SqliteArchive archive = opened();
    std::vector<ArchiveEntry> entries{dead_task(1), dead_task(2), dead_task(3), dead_task(4),
                                      dead_task(5)};
    entries[1].task.type = "other";
    entries[2].task.queue = "slow";
    entries[3].task.dead_reason = DeadReason::poison;
    entries[4].task.state = TaskState::cancelled;
    put(archive, entries);
    const auto matching = [&](const protocol::ArchiveFilter& filter) {
        ArchiveRequest request = request_for(ArchiveAction::list);
        request.filter = filter;
        return numbers(carry_out(archive, request).tasks);
    };
    protocol::ArchiveFilter filter;
    CHECK(matching(filter) == Numbers{5, 4, 3, 2, 1});
    filter.state = TaskState::dead;
    CHECK(matching(filter) == Numbers{4, 3, 2, 1});
    filter.type = "sum";
    CHECK(matching(filter) == Numbers{4, 3, 1});
    filter.queue = "default";
    CHECK(matching(filter) == Numbers{4, 1});
    filter.dead_reason = DeadReason::poison;
    CHECK(matching(filter) == Numbers{4});
    filter = {};
    filter.since = dead_task(4).task.finished_at;
    CHECK(matching(filter) == Numbers{5, 4});
}

TEST_CASE("ids that are not there are named, and the others given") {
    SqliteArchive archive = opened();
    put(archive, {dead_task(1)});
    const auto reply =
        carry_out(archive, request_for(ArchiveAction::get, {numbered(9), numbered(1)}));
    CHECK(numbers(reply.tasks) == Numbers{1});
    CHECK(reply.ids == std::vector<TaskId>{numbered(9)});
    const auto removed =
        carry_out(archive, request_for(ArchiveAction::remove, {numbered(9), numbered(1)}));
    CHECK(removed.ids == std::vector<TaskId>{numbered(1)});
    CHECK(listed(archive).empty());
    CHECK(archive.tasks() == 0);
}

TEST_CASE("large bodies come in several replies, each once") {
    SqliteArchive archive = opened();
    std::vector<ArchiveEntry> entries;
    std::vector<TaskId> ids;
    for (std::uint8_t number = 1; number <= 5; ++number) {
        entries.push_back(dead_task(number));
        entries.back().task.body.payload = SharedBytes::copy_of(std::string(3U << 20U, 'x'));
        ids.push_back(numbered(number));
    }
    put(archive, entries);
    ArchiveRequest request = request_for(ArchiveAction::get, ids);
    Numbers seen;
    int replies = 0;
    do {
        const ArchiveReply reply = carry_out(archive, request);
        CHECK(reply.tasks.size() < 3);
        const Numbers page = numbers(reply.tasks);
        seen.insert(seen.end(), page.begin(), page.end());
        request.cursor = reply.next_cursor;
        ++replies;
    } while (request.cursor != 0);
    CHECK(seen == Numbers{1, 2, 3, 4, 5});
    CHECK(replies == 5);
}

TEST_CASE("the first id that a retry claims stays, until it is old and unused") {
    SqliteArchive archive = opened();
    put(archive, {dead_task(1)});
    const auto claim = [&](std::int64_t at, std::uint64_t random) {
        ArchiveRequest request = request_for(ArchiveAction::get, {numbered(1)});
        request.retry_ids = {make_task_id(at, random, random)};
        const ArchiveReply reply = archive.carry_out(request, at);
        REQUIRE(reply.tasks.size() == 1);
        return *reply.tasks.front().retry_id;
    };
    const TaskId first = make_task_id(now_ms, 1, 1);
    CHECK(claim(now_ms, 1) == first);
    CHECK(claim(now_ms + 1'000, 2) == first);
    const std::int64_t next_day = now_ms + 24 * 3'600'000;
    const TaskId second = make_task_id(next_day, 3, 3);
    CHECK(claim(next_day, 3) == second);
    CHECK(listed(archive) == Numbers{1});

    const auto marked = archive.carry_out(
        request_for(ArchiveAction::retried, {numbered(1), numbered(2)}), next_day);
    CHECK(marked.ids == std::vector<TaskId>{numbered(1)});
    CHECK(whole(archive, 1).retried_at == next_day);
    CHECK(claim(next_day + 24 * 3'600'000, 4) == second);
    CHECK(listed(archive).empty());
    ArchiveRequest with_retried = request_for(ArchiveAction::list);
    with_retried.filter.retried = true;
    CHECK(numbers(carry_out(archive, with_retried).tasks) == Numbers{1});
}

TEST_CASE("beyond the limits the oldest are removed, with all that belongs to them") {
    SqliteArchive archive = opened();
    for (std::uint8_t number = 1; number <= 10; ++number) {
        put(archive, {dead_task(number)});
    }
    ArchiveLimits limits;
    limits.tasks_max = 6;
    limits.ttl = std::chrono::hours(24);
    CHECK(archive.purge(limits, now_ms) == Result<std::uint64_t>(4));
    CHECK(listed(archive) == Numbers{10, 9, 8, 7, 6, 5});
    limits.ttl = std::chrono::milliseconds(1'000);
    const std::int64_t later = dead_task(8).task.finished_at + limits.ttl.count();
    CHECK(archive.purge(limits, later) == Result<std::uint64_t>(3));
    CHECK(listed(archive) == Numbers{10, 9, 8});
    CHECK(archive.tasks() == 3);
    CHECK(archive.purge(limits, later) == Result<std::uint64_t>(0));
    const auto left = carry_out(archive, request_for(ArchiveAction::get, {numbered(9)}));
    CHECK(left.tasks.front().reports.size() == 2);
}

TEST_CASE("beyond so many bytes the oldest are removed, but no more of them than that") {
    SqliteArchive archive = opened();
    for (std::uint8_t number = 1; number <= 10; ++number) {
        ArchiveEntry entry = dead_task(number);
        entry.task.body.payload = SharedBytes::copy_of(std::string(996, 'x'));
        put(archive, {entry});
    }
    ArchiveLimits limits;
    limits.ttl = std::chrono::hours(24 * 36'500);
    limits.bytes_max = 6'500;
    CHECK(archive.purge(limits, now_ms) == Result<std::uint64_t>(4));
    CHECK(listed(archive) == Numbers{10, 9, 8, 7, 6, 5});
    carry_out(archive, request_for(ArchiveAction::remove, {numbered(6), numbered(8)}));
    limits.bytes_max = 4'000;
    CHECK(archive.purge(limits, now_ms) == Result<std::uint64_t>(0));
    limits.bytes_max = 3'999;
    CHECK(archive.purge(limits, now_ms) == Result<std::uint64_t>(1));
    CHECK(listed(archive) == Numbers{10, 9, 7});
}

TEST_CASE("an older file is brought up to date, from each version there was") {
    for (std::size_t version = 1; version < schema_steps().size(); ++version) {
        const TemporaryFolder folder;
        const std::string path = (folder.path() / "archive.sqlite").string();
        {
            Result<Database> database = Database::open(path);
            REQUIRE(database);
            for (std::size_t step = 0; step < version; ++step) {
                database->execute(schema_steps()[step]);
            }
            database->execute("PRAGMA application_id = 1349873524");
            database->execute(("PRAGMA user_version = " + std::to_string(version)).c_str());
            database->execute(
                "INSERT INTO tasks (id, sequence, type, queue, state, attempts, durability, "
                "max_attempts, time_limit_ms, backoff_base_ms, backoff_max_ms, created_at, "
                "finished_at) VALUES ('00000000-0000-0000-0000-000000000005', 5, 'sum', 'old', "
                "'dead', 1, 'disk', 5, 6, 7, 8, 9, 10);"
                "INSERT INTO attempts (position, attempt, run_us, cause, code, peak_memory_bytes) "
                "VALUES (1, 1, 12, 'signalled', 9, 13);"
                "UPDATE archive SET applied = 5");
            const auto failure = database->take_failure();
            INFO((failure ? failure->message : std::string()));
            REQUIRE_FALSE(failure);
        }
        SqliteArchive archive = opened(path);
        CHECK(archive.applied() == 5);
        const ArchivedTask task = whole(archive, 5);
        CHECK(task.queue == "old");
        CHECK_FALSE(task.retry_id);
        REQUIRE(task.reports.size() == 1);
        CHECK(task.reports[0].death->code == 9);
        put(archive, {dead_task(6)});
        CHECK(whole(archive, 6) == dead_task(6).task);
    }
}

TEST_CASE("a file of a newer version, of somebody else or damaged is refused, as it is") {
    const TemporaryFolder folder;
    const auto refused = [&](const std::string& name) {
        const std::string path = (folder.path() / name).string();
        const std::string before = TemporaryFolder::read(path);
        const Result<SqliteArchive> archive = SqliteArchive::open(path);
        REQUIRE_FALSE(archive);
        CHECK(TemporaryFolder::read(path) == before);
        return archive.error().code;
    };
    const auto made = [&](const std::string& name, const char* sql) {
        Result<Database> database = Database::open((folder.path() / name).string());
        REQUIRE(database);
        database->execute(sql);
        REQUIRE_FALSE(database->take_failure());
    };
    made("newer", "CREATE TABLE x (y); PRAGMA user_version = 99");
    CHECK(refused("newer") == ErrorCode::unsupported);
    made("other", "CREATE TABLE x (y)");
    CHECK(refused("other") == ErrorCode::malformed);
    folder.write("text", "This is no database, and long enough to be looked at as one.");
    CHECK(refused("text") == ErrorCode::malformed);
}

TEST_CASE("a damaged file is noticed by who reads it, and nothing is half done") {
    const TemporaryFolder folder;
    const std::string path = (folder.path() / "archive.sqlite").string();
    {
        SqliteArchive archive = opened(path);
        for (std::uint8_t number = 1; number <= 200; ++number) {
            put(archive, {dead_task(number)});
        }
    }
    {
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(4096 * 3);
        file << std::string(4096 * 20, '\xff');
    }
    Result<SqliteArchive> archive = SqliteArchive::open(path);
    if (archive) {
        const ArchiveReply reply = archive->carry_out(request_for(ArchiveAction::list), now_ms);
        REQUIRE(reply.error);
        CHECK(reply.error->code == ErrorCode::unavailable);
        CHECK(reply.tasks.empty());
    } else {
        CHECK(archive.error().code == ErrorCode::malformed);
    }
}

}  // namespace penstock::broker
