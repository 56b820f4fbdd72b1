// What a flush does in the loop's own thread, and what it leaves to the journal's.
#include <thread>

#include "tests/unit/broker/store/first_life.hpp"

namespace penstock::broker {
namespace {

// Of one record each, until one is left to flush(): after some short syncs, when the thread has
// tidied up. Returns the number of the last.
Sequence append_until_left(Journal& journal, Sequence sequence = 0) {
    const std::vector<Record> one{accepted(1)};
    REQUIRE(journal.append(one));
    ++sequence;
    while (!journal.wants_flush()) {
        wait_until_durable(journal, sequence);
        REQUIRE(journal.append(one));
        ++sequence;
    }
    return sequence;
}

// Counts how often the thread that made it changes names in it.
class CountingFolder final : public Folder {
  public:
    CountingFolder(std::unique_ptr<Folder> folder, int& changes)
        : folder_(std::move(folder)), changes_(changes) {}

    [[nodiscard]] Result<std::vector<std::string>> list() const override { return folder_->list(); }
    [[nodiscard]] Result<std::unique_ptr<File>> open(const std::string& name) override {
        return folder_->open(name);
    }
    [[nodiscard]] Result<std::unique_ptr<File>> create(const std::string& name) override {
        count();
        return folder_->create(name);
    }
    [[nodiscard]] Result<void> rename(const std::string& from, const std::string& to) override {
        count();
        return folder_->rename(from, to);
    }
    [[nodiscard]] Result<void> remove(const std::string& name) override {
        count();
        return folder_->remove(name);
    }
    [[nodiscard]] Result<void> sync_names() override {
        count();
        return folder_->sync_names();
    }

  private:
    void count() {
        if (std::this_thread::get_id() == owner_) {
            ++changes_;
        }
    }

    std::unique_ptr<Folder> folder_;
    int& changes_;
    std::thread::id owner_ = std::this_thread::get_id();
};

}  // namespace

TEST_CASE("few records are left to a flush, which has them durable on return") {
    Disk disk;
    FirstLife life(disk);
    const Sequence sequence = append_until_left(life.log);
    CHECK(life.log.durable() == sequence - 1);
    REQUIRE(life.log.flush(Flush::here));
    CHECK(life.log.durable() == sequence);
    CHECK_FALSE(life.log.wants_flush());
}

TEST_CASE("what follows few records is left with them while it is little") {
    Disk disk;
    FirstLife life(disk);
    const Sequence sequence = append_until_left(life.log);
    const std::vector<Record> little{accepted(1, 100)};
    const std::vector<Record> much{accepted(1, 20'000)};
    REQUIRE(life.log.append(little));
    CHECK(life.log.wants_flush());
    CHECK(life.log.durable() == sequence - 1);
    REQUIRE(life.log.append(much));
    CHECK_FALSE(life.log.wants_flush());
    wait_until_durable(life.log, sequence + 2);
}

TEST_CASE("a flush for whom others wait returns before the sync") {
    Disk disk;
    FirstLife life(disk);
    const Sequence sequence = append_until_left(life.log);
    REQUIRE(life.log.flush(Flush::elsewhere));
    CHECK_FALSE(life.log.wants_flush());
    wait_until_durable(life.log, sequence);
}

TEST_CASE("large records are never left to a flush, and keep nobody waiting for ever") {
    Disk disk;
    FirstLife life(disk);
    Sequence sequence = append_until_left(life.log);
    REQUIRE(life.log.flush(Flush::here));
    const std::vector<Record> large(2, accepted(1, SegmentedLog::waiting_bytes_max / 2));
    REQUIRE(life.log.append(large));
    CHECK_FALSE(life.log.wants_flush());
    REQUIRE(life.log.append(large));
    sequence += 2 * large.size();
    wait_until_durable(life.log, sequence);
}

TEST_CASE("a sync that fails in a flush is told, and nothing is written any more") {
    Disk disk;
    std::uint64_t operations = 0;
    {
        FirstLife life(disk);
        const Sequence sequence = append_until_left(life.log);
        disk.fail_sync_at(disk.operations());
        const Result<void> flushed = life.log.flush(Flush::here);
        REQUIRE_FALSE(flushed);
        CHECK(flushed.error().code == ErrorCode::internal);
        CHECK(life.log.durable() == sequence - 1);
        const std::vector<Record> one{accepted(1)};
        CHECK_FALSE(life.log.append(one));
        operations = disk.operations();
    }
    CHECK(disk.operations() == operations);
}

TEST_CASE("a flush begins no segment: the journal's thread does") {
    Disk disk;
    constexpr LogOptions small{std::uint64_t{16} << 10U};
    constexpr Sequence per_segment = small.segment_bytes / block_bytes - 1;
    int changes = 0;
    SegmentedLog log(std::make_unique<CountingFolder>(disk.folder(), changes), small, {1});
    REQUIRE(log.replay([](const Record&, Sequence) {}));
    REQUIRE(log.begin_epoch(at(1)));
    changes = 0;
    Sequence sequence = 0;
    for (Sequence n = 0; n < 20 * per_segment; ++n) {
        sequence = append_until_left(log, sequence);
        wait_until_durable(log, sequence);
        log.trim(sequence);
    }
    CHECK(changes == 0);
}

TEST_CASE("what was left to a flush is written before the journal closes") {
    Disk disk;
    Sequence sequence = 0;
    {
        FirstLife life(disk);
        sequence = append_until_left(life.log);
    }
    SegmentedLog log(disk.folder(), options, {1});
    Sequence found = 0;
    REQUIRE(log.replay([&](const Record&, Sequence number) { found = number; }));
    CHECK(found == sequence);
}

}  // namespace penstock::broker
