// The broker as the gateway sees it: a client, and whether it is there.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/model/time.hpp"
#include "producer/client/client.hpp"

namespace penstock::gateway {

// Thread rule: any thread, but probe(), which the main thread calls about once a second.
class Broker {
  public:
    // `durability`: what its tasks ask for; `shm_bytes` as in client::Options. Errors: malformed
    // (the address).
    [[nodiscard]] static Result<std::unique_ptr<Broker>> create(
        const std::string& server, Durability durability, std::optional<std::uint64_t> shm_bytes);

    // Asks for a sign of life.
    void probe(TimePoint now);
    // False once it was looked for and not found, until it is there again: new work is refused at
    // once instead of after a wait.
    [[nodiscard]] bool is_reachable() const { return state_->reachable; }
    // It has answered within the last seconds.
    [[nodiscard]] bool is_ready(TimePoint now) const;

    [[nodiscard]] client::Client& client() { return client_; }
    // How tasks of the gateway are submitted.
    [[nodiscard]] client::Submission submission_of(const char* type) const;
    // Nobody waits for these any more.
    void cancel(const std::vector<TaskId>& ids);
    // What the broker knows of a task; nothing if it knows none of that id.
    using OnRow = std::function<void(Result<std::optional<protocol::TaskRow>>)>;
    void look_up(const TaskId& id, OnRow on_row);

  private:
    // What callbacks write that may come when this object is gone.
    struct State {
        std::atomic<bool> reachable = true;
        std::atomic<TimePoint> answered{TimePoint{}};
    };

    Broker(client::Client client, Durability durability)
        : client_(std::move(client)), durability_(durability) {}

    std::shared_ptr<State> state_ = std::make_shared<State>();
    client::Client client_;
    Durability durability_;
};

}  // namespace penstock::gateway
