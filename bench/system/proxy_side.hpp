// The limit of the message workloads: a plain zmq::proxy and two processes that echo, each message
// over the same hop between two threads as in a worker. No task, no lease, no batch.
//
// Thread rule: used by the thread that made it, which must live as long: the processes end with it.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "bench/system/folder.hpp"
#include "bench/system/measured.hpp"
#include "common/model/result.hpp"
#include "common/process/spawn.hpp"

namespace penstock::bench {

class ProxySide {
  public:
    // Returns when both processes have answered.
    // Errors: unavailable.
    [[nodiscard]] static Result<std::unique_ptr<ProxySide>> start(const Folder& folder);
    ~ProxySide();
    ProxySide(const ProxySide&) = delete;
    ProxySide& operator=(const ProxySide&) = delete;

    // So many bodies in each message, whatever the load says about calls. Requires: at least one,
    // and at most the window.
    [[nodiscard]] Measured echo(const Load& load, std::size_t per_message);
    // One after another; measures latencies.
    [[nodiscard]] Measured round_trips(Duration duration);

  private:
    struct Line;
    ProxySide(std::vector<process::Child> children, std::unique_ptr<Line> line);
    [[nodiscard]] Result<void> wait_for_echoes();

    std::vector<process::Child> children_;
    std::unique_ptr<Line> line_;  // the socket
    std::uint32_t runs_ = 0;
};

}  // namespace penstock::bench
