// A data folder with a journal as a broker writes it.
//
// Thread rule: one thread.
#pragma once

#include <fstream>
#include <poll.h>
#include <string>
#include <vector>

#include "broker/store/log/posix_files.hpp"
#include "broker/store/segmented_log.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"

namespace penstock::broker::offline {

inline TaskId numbered(std::uint8_t number) {
    TaskId id;
    id.bytes.back() = number;
    return id;
}

inline Record accepted(std::uint8_t number) {
    TaskAccepted record;
    record.id = numbered(number);
    record.type = "math.double";
    record.queue = "default";
    record.ticket = number;
    return record;
}

inline Record completed(std::uint8_t number) {
    TaskFinished record;
    record.result.id = numbered(number);
    record.result.state = TaskState::completed;
    return record;
}

// With a body in a file of its own.
inline Record large(std::uint8_t number) {
    auto record = std::get<TaskAccepted>(accepted(number));
    record.body.payload = SharedBytes::copy_of(std::string(inside_bytes_max + 1, 'x'));
    return record;
}

class DataFolder {
  public:
    static constexpr LogOptions options{std::uint64_t{64} << 10U};

    [[nodiscard]] std::string path() const { return (place_.path() / "data").string(); }
    // Beside it, for a new one.
    [[nodiscard]] std::string other() const { return (place_.path() / "other").string(); }
    [[nodiscard]] std::filesystem::path segment(std::uint64_t number) const {
        return std::filesystem::path(path()) / "journal" / segment_name(number);
    }

    // A life of a broker, each of the batches synced by itself.
    void live(const std::vector<std::vector<Record>>& batches) const {
        SegmentedLog log(std::move(*open_folder(path() + "/journal")), options, {7});
        Sequence sequence = 0;
        REQUIRE(log.replay([&](const Record&, Sequence number) { sequence = number; }));
        Instant now;
        now.unix_ms = 1'795'800'064'003;
        REQUIRE(log.begin_epoch(now));
        for (const std::vector<Record>& batch : batches) {
            REQUIRE(log.append(batch));
            REQUIRE(log.flush(Flush::here));
            sequence += batch.size();
            while (log.durable() < sequence) {
                pollfd wake{*log.wake_descriptor(), POLLIN, 0};
                REQUIRE(::poll(&wake, 1, 60'000) == 1);
            }
        }
    }

    [[nodiscard]] std::filesystem::path body(const BodyPlace& place) const {
        return std::filesystem::path(path()) / "journal" / body_file_name(place);
    }

    // Turns one bit of that byte.
    void spoil(std::uint64_t number, std::uint64_t offset) const { spoil(segment(number), offset); }
    static void spoil(const std::filesystem::path& path, std::uint64_t offset) {
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        file.seekg(static_cast<std::streamoff>(offset));
        const int byte = file.get();
        file.seekp(static_cast<std::streamoff>(offset));
        file.put(static_cast<char>(byte ^ 1));
    }

  private:
    TemporaryFolder place_;
};

}  // namespace penstock::broker::offline
