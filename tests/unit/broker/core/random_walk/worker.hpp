// A worker process: it obeys, or it dies, falls silent, repeats itself and tells old stories.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <vector>

#include "tests/unit/broker/core/random_walk/world.hpp"

namespace penstock::broker::walk {

class Worker {
  public:
    Worker(World& world, std::uint64_t number, bool knows_everything);

    // One random deed of its daily work.
    void work();
    // One random fault, or an early leave.
    void misbehave();
    void listen();
    void heartbeat();
    // Everything that it has is completed.
    void finish_all();
    // Speaks again, on a connection that works.
    void recover();
    void reconnect();
    // Its obituary, for the reporter. It does nothing afterwards.
    [[nodiscard]] protocol::Obituary die();

    [[nodiscard]] bool is_gone() const { return gone_; }
    // A task of this kind kills the process that runs it.
    [[nodiscard]] static bool is_deadly(const TaskId& task) { return task.bytes[15] % 32 == 31; }
    [[nodiscard]] bool runs_deadly() const;
    [[nodiscard]] const WorkerId& id() const { return join_.worker; }

  private:
    struct Given {
        Lease lease;
        SlotClass slot_class = SlotClass::cpu;
        bool quick = false;
        bool stopping = false;
    };

    void say(protocol::Message message);
    void join();
    void start();
    void take(const protocol::Dispatch& dispatch);
    void give_back(const protocol::Recall& recall);
    void give_all_back();
    void stop(const protocol::Stop& order);
    void forget(const protocol::Settled& settled);
    void finish(std::size_t position, std::optional<Error> error);
    void report(const protocol::Outcome& outcome);
    void tell_an_old_story();
    void leave();

    World* world_;
    protocol::Join join_;
    Connection connection_ = no_connection;
    std::deque<Given> waiting_;
    std::vector<Given> running_;
    std::map<TaskId, protocol::Outcome> unsettled_;
    std::vector<protocol::Outcome> old_stories_;
    bool silent_ = false;
    bool draining_ = false;
    bool gone_ = false;
};

}  // namespace penstock::broker::walk
