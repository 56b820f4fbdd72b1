// The HTTP server: libmicrohttpd with an epoll loop on each of a few threads. The one door to it,
// with connection.cpp, which suspends and resumes.
#pragma once

#include <memory>

#include "common/model/result.hpp"
#include "producer/gateway/core/limits.hpp"
#include "producer/gateway/http/application.hpp"

namespace penstock::gateway::http {

// Thread rule: made, stopped and destroyed by one thread.
class Server {
  public:
    // Serves from now on. The limits and the application must outlive the server.
    // Errors: unavailable (no threads or descriptors left).
    [[nodiscard]] static Result<Server> start(File listener, const Limits& limits,
                                              Application& application);
    // Calls stop().
    ~Server();
    Server(Server&&) noexcept;
    Server& operator=(Server&&) = delete;
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    // Requests that have begun and are not over.
    [[nodiscard]] std::size_t busy() const;
    // Waits until there are none, at most until the deadline, or until this descriptor is readable.
    void wait_until_idle(TimePoint deadline, int until_readable) const;
    // Answers those who still wait (they are late), gives them until `deadline` to take it, and
    // closes everything.
    void stop(TimePoint deadline);

  private:
    class Impl;
    explicit Server(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace penstock::gateway::http
