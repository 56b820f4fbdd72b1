// Numbers for Prometheus, and the port that shows them. The one door to prometheus-cpp.
//
// Thread rule: Metrics, Gauge and Counter may be used from any thread.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "common/model/result.hpp"

namespace penstock::telemetry {

// Label names and values. Few values each: every combination is a series.
using Labels = std::map<std::string, std::string>;

class Metrics;

// A value that goes up and down. A cheap handle; valid as long as its Metrics.
class Gauge {
  public:
    void set(double value) const;

  private:
    friend class Metrics;
    explicit Gauge(void* series) : series_(series) {}
    void* series_;
};

// A value that only grows.
class Counter {
  public:
    void add(double amount) const;

  private:
    friend class Metrics;
    explicit Counter(void* series) : series_(series) {}
    void* series_;
};

class Metrics {
  public:
    Metrics();
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    // The series of that name and those labels, made on first use.
    // Requires: Prometheus names ("penstock_..._total" for counters); one help text and one kind
    // per name.
    [[nodiscard]] Gauge gauge(const std::string& name, const std::string& help,
                              const Labels& labels = {});
    [[nodiscard]] Counter counter(const std::string& name, const std::string& help,
                                  const Labels& labels = {});
    // What a scrape would see: the Prometheus text format.
    [[nodiscard]] std::string text() const;

    struct Impl;
    [[nodiscard]] Impl& impl() { return *impl_; }

  private:
    std::unique_ptr<Impl> impl_;
};

// Serves `GET /metrics` until destroyed.
class MetricsPort {
  public:
    // `address` is HOST:PORT; port 0 lets the system choose. `metrics` must outlive this.
    // Errors: unavailable (port in use, no such address), saying so.
    [[nodiscard]] static Result<MetricsPort> open(const std::string& address, Metrics& metrics);
    ~MetricsPort();
    MetricsPort(MetricsPort&&) noexcept;
    MetricsPort& operator=(MetricsPort&&) noexcept;
    MetricsPort(const MetricsPort&) = delete;
    MetricsPort& operator=(const MetricsPort&) = delete;

    [[nodiscard]] int port() const;

  private:
    struct Impl;
    explicit MetricsPort(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace penstock::telemetry
