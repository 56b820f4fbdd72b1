// The application behind the HTTP server: from the head of a request to the visit that serves it.
#pragma once

#include <atomic>

#include "producer/gateway/core/accept.hpp"
#include "producer/gateway/core/routes.hpp"
#include "producer/gateway/core/target.hpp"
#include "producer/gateway/shell/access_log.hpp"
#include "producer/gateway/shell/workshop.hpp"

namespace penstock::gateway {

// Thread rule: any thread.
class Gateway : public http::Application {
  public:
    Gateway(const Workshop& workshop, AccessLog& log) : workshop_(workshop), log_(log) {}

    using Begun = std::variant<http::Reply, std::shared_ptr<http::Visit>>;
    Begun begin(const Head& head) override;
    void ended(const std::string& line) override { log_.write(line); }

    // From now on nobody is let in, and readiness says so.
    void drain() { draining_ = true; }

  private:
    [[nodiscard]] Begun begin_work(const Head& head, const Match& match, const Target& target);
    [[nodiscard]] http::Reply readiness() const;

    const Workshop& workshop_;
    AccessLog& log_;
    std::atomic<bool> draining_ = false;
};

}  // namespace penstock::gateway
