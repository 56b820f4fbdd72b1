// The access log: one JSON object per line, written by a thread of its own, so that a slow reader
// of the log holds no caller back.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "common/model/result.hpp"
#include "common/model/time.hpp"
#include "producer/gateway/http/reply.hpp"

namespace penstock::gateway {

// Thread rule: write() from any thread. A mutex around the lines that wait.
class AccessLog {
  public:
    // `path`: a file that is added to, "-" for stdout, "off" for none. Errors: internal.
    [[nodiscard]] static Result<std::unique_ptr<AccessLog>> open(const std::string& path);
    // Writes what waits, and gives up on a reader who does not take it within a second.
    ~AccessLog();
    AccessLog(const AccessLog&) = delete;
    AccessLog& operator=(const AccessLog&) = delete;

    // Drops the line when too many wait (limits.hpp). How many were dropped, or could not be
    // written, is told in the log of the program.
    void write(const std::string& line);

  private:
    AccessLog(http::File file, int descriptor);
    void run();
    // Those that are not lost, and counts those that are.
    void write_text(std::string_view text);
    // Waits until the reader takes something; false if the end comes first.
    [[nodiscard]] bool is_taken();
    void tell_lost();

    http::File file_;
    const int descriptor_;  // -1: nowhere
    std::mutex mutex_;
    std::condition_variable more_;
    std::vector<std::string> lines_;
    std::uint64_t dropped_ = 0;
    std::optional<TimePoint> end_;  // set at the end: until when it lasts at most

    // The thread's own.
    std::uint64_t lost_ = 0;  // and not told yet
    TimePoint told_at_;
    int problem_ = 0;       // of the last loss; 0: the reader was too slow
    bool is_torn_ = false;  // a line has been left in its middle
    std::thread thread_;
};

}  // namespace penstock::gateway
