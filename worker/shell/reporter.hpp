// The supervisor's voice: tells the broker which process died of what, and shows the host's
// numbers to Prometheus. A process of its own, so that the supervisor needs no sockets and no
// crash of a worker process silences it.
//
// Thread rule: made and run by one thread.
#pragma once

#include <optional>

#include "common/process/shutdown.hpp"
#include "common/telemetry/metrics.hpp"
#include "common/transport/poller.hpp"
#include "common/transport/socket.hpp"
#include "worker/core/link.hpp"
#include "worker/core/obituaries.hpp"
#include "worker/shell/broker_line.hpp"
#include "worker/shell/config.hpp"
#include "worker/shell/host_metrics.hpp"
#include "worker/shell/slot_page.hpp"

namespace penstock::worker {

class Reporter {
  public:
    // `supervisor` is a socket: obituaries come in, confirmations go out, one frame per datagram.
    // Requires: `context` and `page` outlive the reporter.
    Reporter(const Config& config, transport::Context& context, const SlotPage& page,
             int supervisor);

    // Until SIGTERM or SIGINT, or until the supervisor is gone.
    [[nodiscard]] process::ExitCode run(process::SignalQueue& signals);

  private:
    void open_metrics();
    void take_obituaries();
    void take_messages(TimePoint now);
    void take_message(const protocol::Message& message, TimePoint now);
    void keep_link(TimePoint now);
    void send_untold(TimePoint now);
    void say_hello(TimePoint now);
    void update_metrics(TimePoint now);

    Config config_;
    int supervisor_;
    bool supervisor_gone_ = false;
    Link link_;
    BrokerLine line_;
    Obituaries obituaries_;
    transport::Poller poller_;
    telemetry::Metrics metrics_;
    HostMetrics host_metrics_;
    TimePoint next_update_{};
    std::optional<telemetry::MetricsPort> port_;
};

}  // namespace penstock::worker
