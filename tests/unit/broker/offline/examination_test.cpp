#include "broker/offline/examination.hpp"

#include <sys/stat.h>

#include "tests/unit/broker/offline/offline_fixture.hpp"

namespace penstock::broker::offline {
namespace {

using Catch::Matchers::ContainsSubstring;

Examination examined(const DataFolder& data) {
    const auto journal = open_journal_of(data.path());
    REQUIRE(journal);
    auto found = examine(*journal);
    REQUIRE(found);
    return *std::move(found);
}

TEST_CASE("a sound journal is counted, over all its lives") {
    const DataFolder data;
    data.live({{accepted(1), accepted(2)}, {completed(1), CancelRequested{numbered(2)}}});
    // The first is submitted anew, and what ends is not known.
    data.live({{accepted(1), accepted(3), completed(9)}, {completed(3)}});
    const Examination found = examined(data);
    CHECK(found.is_sound());
    CHECK(found.census.records() == 8);
    CHECK(found.census.records(RecordKind::life) == 2);
    CHECK(found.census.records(RecordKind::task_accepted) == 4);
    CHECK(found.census.first() == 1);
    CHECK(found.census.last() == 8);
    CHECK(found.census.open_tasks() == 2);
    CHECK(found.census.finished_tasks() == 1);
    CHECK(found.bytes == DataFolder::options.segment_bytes);
    CHECK_THAT(to_text(found), ContainsSubstring("tasks     2 open, 1 finished\nsound"));
    CHECK(to_json(found)["sound"] == true);
    CHECK(to_json(found)["damage"].is_null());
}

TEST_CASE("damage is told with its file, byte and reason, and what is before it counted") {
    const DataFolder data;
    data.live({{accepted(1)}, {accepted(2)}, {accepted(3)}});
    // The life, then a batch to each block.
    data.spoil(1, 3 * 4096 + 40);
    const Examination found = examined(data);
    CHECK_FALSE(found.is_sound());
    CHECK(found.census.records() == 1);
    const Value json = to_json(found);
    CHECK(json["sound"] == false);
    CHECK(json["damage"]["file"] == segment_name(1));
    CHECK(json["damage"]["byte"] == 3 * 4096);
    CHECK_THAT(to_text(found), ContainsSubstring("is damaged at byte 12288: a sector"));
}

TEST_CASE("large bodies are read, too, and one that is spoilt or missing is damage") {
    const DataFolder data;
    data.live({{accepted(1)}, {large(2)}});
    CHECK(examined(data).is_sound());
    CHECK_THAT(to_text(examined(data)), ContainsSubstring(" with 1 large body in a file beside"));
    DataFolder::spoil(data.body({1, 2}), 100);
    const Examination spoilt = examined(data);
    REQUIRE_FALSE(spoilt.is_sound());
    CHECK_THAT(to_text(spoilt), ContainsSubstring(body_file_name({1, 2})));
    CHECK(spoilt.census.records() == 1);
    std::filesystem::remove(data.body({1, 2}));
    CHECK_THAT(to_text(examined(data)), ContainsSubstring("is missing"));
}

TEST_CASE("a body that the system does not give is no damage, and is said as what it is") {
    const DataFolder data;
    data.live({{large(1)}});
    std::filesystem::remove(data.body({1, 1}));
    REQUIRE(::mknod(data.body({1, 1}).c_str(), S_IFSOCK | 0600, 0) == 0);  // cannot be opened
    const auto journal = open_journal_of(data.path());
    REQUIRE(journal);
    const auto found = examine(*journal);
    REQUIRE_FALSE(found);
    CHECK(found.error().code == ErrorCode::internal);
}

TEST_CASE("a record whose bytes are right and that makes no sense is damage, too") {
    const DataFolder data;
    {
        const auto folder = open_folder(data.path() + "/journal");
        LogWriter writer(**folder, DataFolder::options, {}, {7});
        Batch batch(writer.state().position);
        batch.add(RecordKind::task_accepted, 1, as_byte_view("no array"));
        REQUIRE(writer.write(batch));
    }
    const Examination found = examined(data);
    REQUIRE(found.damage);
    CHECK(found.damage->offset_bytes == 4096);
    CHECK_THAT(found.damage->what, ContainsSubstring("record 1: "));
}

TEST_CASE("a torn tail is told, and is no damage") {
    const DataFolder data;
    TaskAccepted large;
    large.id = numbered(2);
    large.type = "a";
    large.queue = "b";
    large.body.payload = SharedBytes::copy_of(std::string(2000, 'x'));
    data.live({{accepted(1)}, {Record(large)}});
    {
        // The second sector of the last batch was never written.
        std::fstream file(data.segment(1), std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(3 * 4096 + 512);
        file << std::string(512, '\0');
    }
    const Examination found = examined(data);
    CHECK(found.is_sound());
    CHECK(found.census.records() == 1);
    REQUIRE(found.state.torn);
    CHECK(to_json(found)["torn"]["byte"] == 3 * 4096);
    CHECK_THAT(to_text(found), ContainsSubstring("torn "));
}

TEST_CASE("where there is no journal, or a broker, one is told what to do") {
    const DataFolder data;
    const auto nothing = open_journal_of(data.path());
    REQUIRE(nothing.error().code == ErrorCode::not_found);
    CHECK_THAT(nothing.error().message, ContainsSubstring("--data"));
    const auto broker = open_folder(data.path() + "/journal");
    CHECK(open_journal_of(data.path()).error().code == ErrorCode::conflict);
}

}  // namespace
}  // namespace penstock::broker::offline
