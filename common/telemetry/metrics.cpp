#include "common/telemetry/metrics.hpp"

#include <exception>
#include <prometheus/counter.h>
#include <prometheus/exposer.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <utility>

#include "common/model/assert.hpp"

namespace penstock::telemetry {

struct Metrics::Impl {
    std::shared_ptr<prometheus::Registry> registry = std::make_shared<prometheus::Registry>();
};

void Gauge::set(double value) const {
    static_cast<prometheus::Gauge*>(series_)->Set(value);
}

void Counter::add(double amount) const {
    static_cast<prometheus::Counter*>(series_)->Increment(amount);
}

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

Gauge Metrics::gauge(const std::string& name, const std::string& help, const Labels& labels) {
    return Gauge(
        &prometheus::BuildGauge().Name(name).Help(help).Register(*impl_->registry).Add(labels));
}

Counter Metrics::counter(const std::string& name, const std::string& help, const Labels& labels) {
    return Counter(
        &prometheus::BuildCounter().Name(name).Help(help).Register(*impl_->registry).Add(labels));
}

std::string Metrics::text() const {
    return prometheus::TextSerializer().Serialize(impl_->registry->Collect());
}

struct MetricsPort::Impl {
    explicit Impl(const std::string& address) : exposer(address, 1) {}
    prometheus::Exposer exposer;
};

MetricsPort::MetricsPort(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
MetricsPort::~MetricsPort() = default;
MetricsPort::MetricsPort(MetricsPort&&) noexcept = default;
MetricsPort& MetricsPort::operator=(MetricsPort&&) noexcept = default;

Result<MetricsPort> MetricsPort::open(const std::string& address, Metrics& metrics) {
    try {
        auto impl = std::make_unique<Impl>(address);
        impl->exposer.RegisterCollectable(metrics.impl().registry);
        return MetricsPort(std::move(impl));
    } catch (const std::exception&) {
        // The library only says "null context"; nearly always another process has the port.
        return fail(ErrorCode::unavailable,
                    "cannot serve metrics on " + address +
                        ": the port is in use or the address is not of this host; choose another");
    }
}

int MetricsPort::port() const {
    const auto ports = impl_->exposer.GetListeningPorts();
    PENSTOCK_ASSERT(!ports.empty());
    return ports.front();
}

}  // namespace penstock::telemetry
