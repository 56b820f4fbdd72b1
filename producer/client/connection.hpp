// The socket thread: commands and the broker's messages in, the cores' decisions carried out.
//
// Thread rule: made and destroyed by one thread; push(), place(), ring(), gate() and
// on_socket_thread() from any; all else happens on the thread that the constructor starts.
#pragma once

#include <atomic>
#include <optional>
#include <thread>
#include <vector>

#include "common/protocol/codec.hpp"
#include "common/shm/session_memory.hpp"
#include "common/transport/poller.hpp"
#include "common/transport/socket.hpp"
#include "producer/client/callbacks.hpp"
#include "producer/client/gate.hpp"
#include "producer/client/mailbox.hpp"
#include "producer/core/pending_requests.hpp"
#include "producer/core/pending_tasks.hpp"
#include "producer/core/session.hpp"

namespace penstock::client {

class Connection {
  public:
    // Requires: `endpoint` is options.server, parsed.
    Connection(const Options& options, transport::Endpoint endpoint);
    // Ends the thread; what is pending fails.
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void push(Command command);
    // Where submitters wait. The socket thread itself must not.
    [[nodiscard]] Gate& gate() { return gate_; }
    // A large payload where the broker can read it without a copy, if there is room.
    void place(Body& body);
    // Null if no memory is shared, as far as is known.
    [[nodiscard]] shm::Ring* ring() const {
        return memory_.may_share() ? memory_.ring().get() : nullptr;
    }
    [[nodiscard]] bool on_socket_thread() const {
        return std::this_thread::get_id() == thread_.get_id();
    }

  private:
    void run();
    void turn();
    void wait();
    // Whether there were any.
    bool take_commands(TimePoint now);
    // Everything fails, also what callbacks ask for meanwhile; then goodbye.
    void close();

    void take(Command command, TimePoint now);
    void take(SubmitCommand submit, TimePoint now);
    void receive(TimePoint now);
    void handle(protocol::Message message, TimePoint now);
    void results(std::vector<TaskResult> results, TimePoint now);
    void welcome(const protocol::Welcome& welcome, TimePoint now);
    void refusal(const protocol::Refusal& refusal, TimePoint now);
    void fail_all(const Error& error);
    void lose_session(TimePoint now);

    void drive_session(TimePoint now);
    void open_socket();
    void close_socket();
    // False when the connection is down.
    [[nodiscard]] bool send(protocol::Message message, TimePoint now);
    // Sends what the cores want sent, then tells the application what it waits for.
    void carry_out(TimePoint now);
    void send_effects(TimePoint now);
    void deliver_notices();

    const Options options_;
    const transport::Endpoint endpoint_;
    const protocol::Limits limits_;

    transport::Context context_;
    Mailbox<Command> commands_;
    std::vector<Command> taken_;
    std::atomic<bool> stopping_ = false;
    Gate gate_;

    shm::SessionMemory memory_;
    Session session_;
    PendingTasks tasks_;
    PendingRequests requests_;
    PendingEffects task_effects_;
    RequestEffects request_effects_;
    Callbacks callbacks_;
    std::optional<Error> refused_;  // set: the broker will never talk to us

    transport::Poller poller_;
    std::optional<transport::Dealer> socket_;

    std::thread thread_;  // last: starts when all else is there
};

}  // namespace penstock::client
