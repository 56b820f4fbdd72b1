#include "worker/shell/reporter.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "common/telemetry/log.hpp"

namespace penstock::worker {
namespace {

// How old a number that Prometheus sees may be.
constexpr auto update_metrics_every = std::chrono::milliseconds(250);
constexpr auto report_again_every = std::chrono::milliseconds(10);
constexpr auto reporter_goodbye_timeout = std::chrono::seconds(1);

}  // namespace

Reporter::Reporter(const Config& config, transport::Context& context, const SlotPage& page,
                   int supervisor)
    : config_(config),
      supervisor_(supervisor),
      link_(LinkLimits{}, static_cast<std::uint64_t>(getpid())),
      line_(context, config.broker),
      host_metrics_(metrics_, page, config.cpu_slots + config.wait_slots) {
    open_metrics();
}

void Reporter::open_metrics() {
    if (!config_.metrics) {
        return;
    }
    Result<telemetry::MetricsPort> port = telemetry::MetricsPort::open(*config_.metrics, metrics_);
    if (port) {
        port_ = std::move(*port);
        telemetry::info("metrics at http://{}/metrics", *config_.metrics);
    } else {
        // Two workers on one host are no reason to stop working.
        telemetry::warning("{} (--metrics)", port.error().message);
    }
}

process::ExitCode Reporter::run(process::SignalQueue& signals) {
    while (!signals.next() && !supervisor_gone_) {
        const TimePoint now = Instant::read().steady;
        take_obituaries();
        take_messages(now);
        keep_link(now);
        send_untold(now);
        update_metrics(now);

        poller_.clear();
        static_cast<void>(poller_.watch(signals.descriptor()));
        static_cast<void>(poller_.watch(supervisor_));
        line_.watch(poller_);
        TimePoint wake = link_.next_due();
        if (port_) {
            wake = std::min(wake, next_update_);
        }
        if (line_.behind()) {
            wake = std::min(wake, now + report_again_every);
        }
        poller_.wait(std::max(Duration::zero(), wake - now));
    }
    if (link_.joined()) {
        line_.send(protocol::Goodbye{});
    }
    line_.close(reporter_goodbye_timeout);
    return process::ExitCode::ok;
}

void Reporter::take_obituaries() {
    std::vector<std::byte> buffer(std::size_t{64} << 10U);
    for (;;) {
        const ssize_t length = recv(supervisor_, buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (length == 0) {
            supervisor_gone_ = true;
        }
        if (length <= 0) {
            return;
        }
        const std::array frames{
            SharedBytes::copy_of(ByteView(buffer.data(), static_cast<std::size_t>(length)))};
        Result<protocol::Message> message = protocol::decode(frames, protocol::Limits{});
        if (message && std::holds_alternative<protocol::Obituary>(*message)) {
            obituaries_.add(std::get<protocol::Obituary>(std::move(*message)));
        }
    }
}

void Reporter::take_messages(TimePoint now) {
    while (const auto message = line_.receive(now)) {
        link_.heard(now);
        take_message(*message, now);
    }
}

void Reporter::take_message(const protocol::Message& message, TimePoint now) {
    if (const auto* welcome = std::get_if<protocol::Welcome>(&message)) {
        link_.welcomed(now, welcome->heartbeat, welcome->liveness);
        obituaries_.tell_all_again();
    } else if (const auto* noted = std::get_if<protocol::Noted>(&message)) {
        obituaries_.noted(noted->number);
        const protocol::Frames frames = protocol::encode(*noted);
        const ByteView bytes = frames.front().view();
        // If this fails, the supervisor keeps it for the next reporter; told twice is harmless.
        static_cast<void>(send(supervisor_, bytes.data(), bytes.size(), MSG_NOSIGNAL));
    } else if (const auto* refusal = std::get_if<protocol::Refusal>(&message)) {
        if (refusal->error.code == ErrorCode::no_session) {
            if (link_.joined()) {
                say_hello(now);
            }
        } else {
            telemetry::warning("the broker refused the reporter: {}", refusal->error.message);
        }
    }
}

void Reporter::keep_link(TimePoint now) {
    line_.flush();
    switch (link_.due(now)) {
        case Link::Due::nothing: break;
        case Link::Due::connect:
            line_.connect();
            say_hello(now);
            break;
        case Link::Due::disconnect: line_.disconnect(); break;
        case Link::Due::heartbeat:
            line_.send(protocol::Heartbeat{});
            link_.sent(now);
            // What has not been noted by now may have been lost; telling twice is harmless.
            obituaries_.tell_all_again();
            break;
    }
}

void Reporter::send_untold(TimePoint now) {
    while (link_.joined()) {
        const protocol::Obituary* obituary = obituaries_.next_untold();
        if (obituary == nullptr) {
            return;
        }
        line_.send(*obituary);
        link_.sent(now);
        obituaries_.told();
    }
}

void Reporter::say_hello(TimePoint now) {
    line_.send(protocol::Hello{"reporter"});
    link_.started(now);
}

void Reporter::update_metrics(TimePoint now) {
    if (port_ && now >= next_update_) {
        next_update_ = now + update_metrics_every;
        host_metrics_.update();
    }
}

}  // namespace penstock::worker
