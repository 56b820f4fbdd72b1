// The access log: one JSON object per line, written by a thread of its own, so that a slow reader
// of the log holds no caller back.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "common/model/result.hpp"
#include "producer/gateway/http/reply.hpp"

namespace penstock::gateway {

// Thread rule: write() from any thread. A mutex around the lines that wait.
class AccessLog {
  public:
    // `path`: a file that is added to, "-" for stdout, "off" for none. Errors: internal.
    [[nodiscard]] static Result<std::unique_ptr<AccessLog>> open(const std::string& path);
    // Writes what waits.
    ~AccessLog();
    AccessLog(const AccessLog&) = delete;
    AccessLog& operator=(const AccessLog&) = delete;

    // Drops the line when too many wait (limits.hpp); how many were is told in the log of the
    // program.
    void write(const std::string& line);

  private:
    AccessLog(http::File file, int descriptor);
    void run();

    http::File file_;
    const int descriptor_;  // -1: nowhere
    std::mutex mutex_;
    std::condition_variable more_;
    std::vector<std::string> lines_;
    std::uint64_t dropped_ = 0;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace penstock::gateway
