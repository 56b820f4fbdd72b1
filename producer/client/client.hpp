// The C++ client of a Penstock broker: submit tasks, wait for their ends, look and cancel.
//
//     Result<Client> client = Client::create({.server = "tcp://127.0.0.1:5750"});
//     auto end = client->run({.type = "math.double"}, {new_task_id(), {.args = msgpack}});
//     Result<TaskResult> result = end.get();
//
// One thread of its own owns the socket. It connects in the background, reconnects with a
// growing, jittered wait, and sends every task until the broker has confirmed it: the promises
// are those of docs/PROTOCOL.md, section 5.
//
// Thread rule: every function may be called from any thread at any time, callbacks included;
// create and destroy it on one thread. Callbacks run on the socket thread, one at a time: return
// soon, never block, never throw, never destroy the client.
//
// Errors that a caller may get for a task, besides those of the broker: `unavailable` (no broker
// within connect_timeout, or the client was destroyed first: whether the broker has the task is
// then unknown, and submitting the same id again is safe), `too_large` (never sent),
// `broker_restarted` (accepted, held in memory, lost with the broker), `busy` (after
// busy_timeout).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/model/ids.hpp"
#include "common/model/result.hpp"
#include "common/model/task.hpp"
#include "common/protocol/archive_messages.hpp"
#include "common/protocol/backup_messages.hpp"
#include "common/protocol/query_messages.hpp"
#include "producer/client/payload_buffer.hpp"
#include "producer/core/submission.hpp"

namespace penstock::client {

// PENSTOCK_SERVER if the environment has it, else tcp://127.0.0.1:5750. Call it while no other
// thread changes the environment.
[[nodiscard]] std::string default_server();

struct Options {
    std::string server = default_server();
    // For people: shows in the broker's logs. A valid name (model/task.hpp).
    std::string name = "client";
    // How long anything waits for a broker to be reached before it fails as `unavailable`;
    // counted anew when a session breaks. 0: for ever.
    std::chrono::milliseconds connect_timeout{5000};
    // How long a task is offered to a full queue before it fails as `busy`. 0: for ever.
    std::chrono::milliseconds busy_timeout{0};
    // What may be handed over and not yet confirmed: once that much is, submit() and run() block
    // their caller (but never a callback) until the broker confirms some.
    std::size_t unconfirmed_tasks_max = 10'000;
    std::size_t unconfirmed_bytes_max = std::size_t{64} << 20U;
    // Shared memory through which large payloads go to a broker of this host. Nothing: an eighth
    // of what /dev/shm has free, at most 256 MiB; 0: none.
    std::optional<std::uint64_t> shm_bytes{};
};

// Called exactly once per task.
using OnAccepted = std::function<void(const TaskId&, Result<Receipt>)>;
using OnFinished = std::function<void(const TaskId&, Result<TaskResult>)>;
// Called exactly once.
using OnAnswer = std::function<void(Result<protocol::Answer>)>;
using OnArchiveReply = std::function<void(Result<protocol::ArchiveReply>)>;

// A fresh UUIDv7. May be called from any thread.
[[nodiscard]] TaskId new_task_id();

class Client {
  public:
    // Starts the socket thread; does not wait for the broker.
    // Errors: malformed (the server's address or the name).
    [[nodiscard]] static Result<Client> create(Options options);
    // Says goodbye and ends within a second, whatever the broker does. What is pending fails as
    // `unavailable`, and so does what callbacks submit now; one that answers that with a new task
    // each time is left without an answer after a thousand. Accepted tasks go on without us.
    ~Client();
    Client(Client&&) noexcept;
    Client& operator=(Client&&) = delete;
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    // Waits for a session and returns the broker's terms.
    [[nodiscard]] Result<BrokerTerms> connect();

    // Ready once the broker has accepted the task.
    [[nodiscard]] std::future<Result<Receipt>> submit(const Submission& submission, NewTask task);
    // Ready once the task has ended. A task that failed is a result, not an error.
    [[nodiscard]] std::future<Result<TaskResult>> run(const Submission& submission, NewTask task);
    // The same for many: batches travel together.
    void submit(const Submission& submission, std::vector<NewTask> tasks, OnAccepted on_accepted);
    void run(const Submission& submission, std::vector<NewTask> tasks, OnFinished on_finished);
    // The same, for who also wants to know from when on the broker has a task: on_accepted comes
    // before the end of the task. One that is never accepted is told its error by both.
    void run(const Submission& submission, std::vector<NewTask> tasks, OnAccepted on_accepted,
             OnFinished on_finished);

    // Room for a payload, best written where it can stay. A payload that was made elsewhere is
    // copied by submit() and run() if it is large and the broker can read this host's memory.
    [[nodiscard]] PayloadBuffer payload_buffer(std::size_t bytes);

    // Whether submit() and run() would block now: for callers with something else to do.
    [[nodiscard]] bool is_full() const;

    // The end of tasks that were submitted here or elsewhere. Errors: not_found.
    [[nodiscard]] std::future<Result<TaskResult>> await(const TaskId& id);
    void await(std::vector<TaskId> ids, OnFinished on_finished);

    // Ready once the task is cancelled, or its running attempt has been told to stop; await() its
    // end. Errors: not_found, conflict (it is final).
    [[nodiscard]] std::future<Result<void>> cancel(const TaskId& id);

    // One page of what the broker knows; the request number is set here.
    [[nodiscard]] std::future<Result<protocol::Answer>> query(protocol::Query query);
    void query(protocol::Query query, OnAnswer on_answer);
    // The same of what is kept of tasks that have ended. Errors: the reply's own, too.
    [[nodiscard]] std::future<Result<protocol::ArchiveReply>> archive(
        protocol::ArchiveRequest request);

    // A piece of a copy of the broker's journal (docs/PROTOCOL.md, section 5, BACKUP). Errors:
    // unsupported (the broker keeps tasks in memory only), conflict (`from` is of another journal).
    [[nodiscard]] std::future<Result<protocol::BackupPart>> backup(protocol::BackupPlace from);

  private:
    class Impl;
    explicit Client(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace penstock::client
