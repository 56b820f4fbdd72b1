#include "broker/shell/backup_desk.hpp"

#include "broker/store/memory_journal.hpp"
#include "tests/support/catch.hpp"

namespace penstock::broker {
namespace {

BackupRequest request(std::uint64_t number) {
    return {1, {number, {}}};
}

const protocol::BackupPart& part_of(const Outgoing& outgoing) {
    return std::get<protocol::BackupPart>(outgoing.message);
}

}  // namespace

TEST_CASE("a journal in memory has no backup, and says so to who asked") {
    const MemoryJournal journal;
    BackupDesk desk(journal);
    CHECK_FALSE(desk.answer_next());
    CHECK(desk.take({request(7)}).empty());
    CHECK(desk.has_work());
    const auto answer = desk.answer_next();
    REQUIRE(answer);
    CHECK(answer->session == 1);
    CHECK(part_of(*answer).request == 7);
    CHECK(part_of(*answer).error->code == ErrorCode::unsupported);
    CHECK_FALSE(desk.has_work());
}

TEST_CASE("more requests than anybody needs are refused at once, each by its number") {
    const MemoryJournal journal;
    BackupDesk desk(journal);
    std::vector<BackupRequest> many;
    for (std::uint64_t i = 0; i < BackupDesk::waiting_max + 2; ++i) {
        many.push_back(request(i));
    }
    const auto refused = desk.take(many);
    REQUIRE(refused.size() == 2);
    CHECK(part_of(refused[0]).request == BackupDesk::waiting_max);
    CHECK(part_of(refused[0]).error->code == ErrorCode::busy);
    std::size_t answers = 0;
    while (desk.answer_next()) {
        ++answers;
    }
    CHECK(answers == BackupDesk::waiting_max);
}

}  // namespace penstock::broker
