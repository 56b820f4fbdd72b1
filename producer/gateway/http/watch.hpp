// Looks at all connections: ends what takes too long, and sees who hangs up while waiting.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "producer/gateway/http/connection.hpp"

namespace penstock::gateway::http {

// Thread rule: any thread; its own thread does the looking. A mutex around the list, for the
// library's threads add to it, and one around the looking: a request hears from one at a time.
class Watch {
  public:
    Watch();
    // Requires: no connection is left.
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    void add(std::shared_ptr<Connection> connection);
    void remove(const Connection& connection);
    // From now on, and until look_away(), the connection is told when its caller hangs up.
    // Requires: its socket is open.
    void look(const Connection& connection);
    void look_away(const Connection& connection);

    // Stops all connections.
    void stop_all();
    // What is there at this moment.
    void for_each(const std::function<void(Connection&)>& visit) const;

  private:
    void run();
    void look_at(const void* key);
    void tick_all(TimePoint now);
    void wake() const;
    [[nodiscard]] std::shared_ptr<Connection> find(const void* key) const;
    [[nodiscard]] bool is_empty() const;

    int epoll_ = -1;
    int wake_up_ = -1;
    std::mutex looking_;
    mutable std::mutex mutex_;
    std::unordered_map<const void*, std::shared_ptr<Connection>> connections_;
    std::atomic<bool> stopping_ = false;
    std::thread thread_;
};

}  // namespace penstock::gateway::http
