// A real Penstock, as people run it: broker and worker beside this program, the public client with
// its defaults.
//
// Thread rule: used by the thread that made it, which must live as long: the processes end with it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/system/echo_run.hpp"
#include "bench/system/folder.hpp"
#include "bench/system/measured.hpp"
#include "common/model/result.hpp"
#include "common/process/spawn.hpp"
#include "producer/client/client.hpp"

namespace penstock::bench {

// A task whose answer is known beforehand.
struct KnownTask {
    std::string type;
    Body input;
    SharedBytes expected;  // the payload of its result
};

class PenstockSide {
  public:
    // A broker that keeps tasks at that level, disk or memory; its journal is in the folder then,
    // in place of the one of a side before.
    // Returns when both worker processes have joined.
    // Requires: the environment has PENSTOCK_TEST_HANDLERS=1, for `test.echo`.
    // Errors: not_found (a program), unavailable.
    [[nodiscard]] static Result<std::unique_ptr<PenstockSide>> start(const Folder& folder,
                                                                     Durability level);
    ~PenstockSide();
    PenstockSide(const PenstockSide&) = delete;
    PenstockSide& operator=(const PenstockSide&) = delete;

    // `test.echo` with stamped bodies (EchoRun).
    [[nodiscard]] Measured echo(const Load& load);
    // The same, one after another, by a thread that waits for each one's future; measures how long.
    [[nodiscard]] Measured round_trips(Duration duration);
    // The given tasks in turn, one per call. Requires: at least one.
    [[nodiscard]] Measured known_tasks(const Load& load, const std::vector<KnownTask>& tasks);

    // Where producers find the broker.
    [[nodiscard]] const std::string& frontend() const { return frontend_; }

    // How much longer it takes from now until the archive has the task that echo() has had rejected
    // last. Errors: unavailable (also when it has taken too long), and what the archive says.
    [[nodiscard]] Result<Duration> archive_lag();
    // The broker's word on itself. Errors: unavailable.
    [[nodiscard]] Result<protocol::BrokerRow> broker();

  private:
    PenstockSide(process::Child broker, process::Child worker, client::Client client,
                 std::string frontend, Durability level)
        : broker_(std::move(broker)),
          worker_(std::move(worker)),
          client_(std::move(client)),
          frontend_(std::move(frontend)) {
        options_.durability = level;
    }
    [[nodiscard]] Result<void> wait_for_workers();

    process::Child broker_;
    process::Child worker_;
    std::vector<std::unique_ptr<EchoRun>> given_up_;  // whose answers may still come
    client::Client client_;
    std::string frontend_;
    TaskOptions options_;
    std::uint32_t runs_ = 0;
    std::optional<TaskId> last_rejected_;
};

}  // namespace penstock::bench
