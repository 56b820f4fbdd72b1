// A producer that does everything producers may do, loses its connection, and never gives up.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "tests/unit/broker/core/random_walk/world.hpp"

namespace penstock::broker::walk {

class Client {
  public:
    Client(World& world, std::uint64_t number) : world_(world), number_(number) { reconnect(); }

    // One random deed.
    void act();
    // Reads everything that has come.
    void listen();
    void heartbeat() { world_.send(connection_, protocol::Heartbeat{}); }
    void reconnect();
    // Submits what has no receipt, and asks for every end that it has not heard of.
    void insist();

    [[nodiscard]] bool is_content() const;
    [[nodiscard]] std::size_t task_count() const { return tasks_.size(); }

  private:
    struct Wanted {
        std::string type;
        std::string queue;
        TaskOptions options;
        std::size_t bytes = 0;
        bool confirmed = false;
        bool ended = false;
        TaskState end = TaskState::queued;
    };

    void submit_new();
    void submit(const std::vector<TaskId>& ids);
    void await(const std::vector<TaskId>& ids);
    [[nodiscard]] std::vector<TaskId> some_tasks();
    // A task of anybody.
    void look_at_others();
    void ask(const TaskId& id);
    void take_back(const TaskId& id);
    void start_afresh();
    void hear(const protocol::ResultBatch& batch);
    void hear(const protocol::Refusal& refusal);

    World& world_;
    std::uint64_t number_;
    Connection connection_ = no_connection;
    std::map<TaskId, Wanted> tasks_;
    // On this session: results that may still come, and the tasks for which one is to come when
    // they end, however often it was asked before.
    std::map<TaskId, int> asked_;
    std::set<TaskId> waits_;
};

}  // namespace penstock::broker::walk
