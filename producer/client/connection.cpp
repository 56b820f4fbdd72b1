#include "producer/client/connection.hpp"

#include <algorithm>
#include <random>
#include <signal.h>
#include <utility>

#include "common/telemetry/log.hpp"

namespace penstock::client {
namespace {

using std::chrono::milliseconds;

// How often in a row a callback may answer the end of the client with another task.
constexpr int last_words_max = 1000;
// For the last GOODBYE.
constexpr milliseconds goodbye_timeout{200};

std::uint64_t random_seed() {
    std::random_device device;
    return (std::uint64_t{device()} << 32U) | device();
}

Error unreachable(const Options& options) {
    return {
        ErrorCode::unavailable,
        fmt::format("no broker answered at {} within {:g} s: is one running there?", options.server,
                    static_cast<double>(options.connect_timeout.count()) / 1000.0)};
}

PendingLimits pending_limits(const Options& options) {
    PendingLimits limits;
    limits.window_tasks = options.unconfirmed_tasks_max;
    limits.window_bytes = options.unconfirmed_bytes_max;
    limits.batch_bytes = protocol::batch_inline_max_bytes;
    const protocol::Limits wire;
    limits.message_bytes = wire.bodies_max_bytes;
    limits.unreachable_timeout = options.connect_timeout;
    limits.busy_timeout = options.busy_timeout;
    limits.unreachable = unreachable(options);
    return limits;
}

// A broker on another machine shares none.
std::uint64_t shared_memory_bytes(const Options& options, const transport::Endpoint& endpoint) {
    return endpoint.is_local ? options.shm_bytes.value_or(shm::default_ring_bytes()) : 0;
}

std::optional<TimePoint> earlier(std::optional<TimePoint> a, std::optional<TimePoint> b) {
    return a && b ? std::min(*a, *b) : (a ? a : b);
}

// The application's signal handlers run on the application's threads.
class SignalsBlocked {
  public:
    SignalsBlocked() {
        sigset_t all;
        sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    SignalsBlocked(const SignalsBlocked&) = delete;
    SignalsBlocked& operator=(const SignalsBlocked&) = delete;

  private:
    sigset_t before_{};
};

}  // namespace

Connection::Connection(const Options& options, transport::Endpoint endpoint)
    : options_(options),
      endpoint_(std::move(endpoint)),
      gate_(options.unconfirmed_tasks_max, options.unconfirmed_bytes_max),
      memory_(shared_memory_bytes(options, endpoint_), shm::SessionMemory::Read::copied),
      session_(random_seed()),
      tasks_(pending_limits(options), random_seed()),
      requests_(options.connect_timeout, unreachable(options)) {
    const SignalsBlocked blocked;
    thread_ = std::thread([this] { run(); });
}

Connection::~Connection() {
    gate_.close();
    stopping_ = true;
    commands_.wake();
    thread_.join();
}

void Connection::place(Body& body) {
    if (shm::Ring* const shared = ring()) {
        body.payload = shared->place(std::move(body.payload));
    }
}

void Connection::push(Command command) {
    if (on_socket_thread()) {
        commands_.put(std::move(command));
    } else {
        commands_.push(std::move(command));
    }
}

void Connection::run() {
    poller_.watch(commands_.descriptor());
    while (!stopping_) {
        turn();
        if (commands_.empty()) {
            wait();
        }
    }
    // What was handed over last is told of the end like the rest.
    turn();
    close();
}

void Connection::turn() {
    // The one reading of the clock in this turn.
    const TimePoint now = Instant::read().steady;
    static_cast<void>(take_commands(now));
    receive(now);
    memory_.keep_house(now);
    drive_session(now);
    if (refused_) {
        fail_all(*refused_);
    }
    tasks_.advance(now, task_effects_);
    requests_.advance(now, request_effects_);
    carry_out(now);
}

bool Connection::take_commands(TimePoint now) {
    commands_.take(taken_);
    for (Command& command : taken_) {
        take(std::move(command), now);
    }
    return !taken_.empty();
}

void Connection::wait() {
    const std::optional<TimePoint> deadline = earlier(
        session_.next_deadline(), earlier(tasks_.next_deadline(), requests_.next_deadline()));
    if (!deadline) {
        poller_.wait(std::nullopt);
        return;
    }
    poller_.wait(std::max(*deadline - Instant::read().steady, Duration::zero()));
}

void Connection::close() {
    const Error closed{ErrorCode::unavailable,
                       "the client was closed before the answer came; what was accepted goes on"};
    const TimePoint now = Instant::read().steady;
    int rounds = 0;
    do {
        fail_all(closed);
        deliver_notices();
        // What callbacks have asked for meanwhile.
    } while (take_commands(now) && ++rounds < last_words_max);
    if (!socket_) {
        return;
    }
    if (session_.is_open()) {
        static_cast<void>(send(protocol::Goodbye{}, now));
    }
    socket_->close(goodbye_timeout);
    socket_.reset();
}

void Connection::take(Command command, TimePoint now) {
    if (auto* submit = std::get_if<SubmitCommand>(&command)) {
        take(std::move(*submit), now);
    } else if (auto* await = std::get_if<AwaitCommand>(&command)) {
        const auto ticket = callbacks_.add(std::move(await->callback), await->ids.size());
        tasks_.await(await->ids, ticket, now);
    } else if (auto* cancel = std::get_if<CancelCommand>(&command)) {
        requests_.cancel(cancel->id, callbacks_.add(std::move(cancel->callback), 1), now);
    } else if (auto* query = std::get_if<QueryCommand>(&command)) {
        requests_.ask(std::move(query->query), callbacks_.add(std::move(query->callback), 1), now);
    } else if (auto* archive = std::get_if<ArchiveCommand>(&command)) {
        requests_.ask(std::move(archive->request), callbacks_.add(std::move(archive->callback), 1),
                      now);
    } else if (auto* backup = std::get_if<BackupCommand>(&command)) {
        requests_.ask(protocol::Backup{0, std::move(backup->from)},
                      callbacks_.add(std::move(backup->callback), 1), now);
    } else if (auto* connect = std::get_if<ConnectCommand>(&command)) {
        requests_.greet(callbacks_.add(std::move(connect->callback), 1), now, request_effects_);
    }
}

void Connection::take(SubmitCommand submit, TimePoint now) {
    const std::size_t count = submit.tasks.size();
    if (!submit.on_finished) {
        const Ticket ticket = callbacks_.add(std::move(submit.on_accepted), count);
        tasks_.submit(submit.submission, std::move(submit.tasks), ticket, Interest::receipt, now,
                      task_effects_);
        return;
    }
    std::vector<TaskId> ids;
    if (submit.on_accepted) {
        ids.reserve(count);
        for (const NewTask& task : submit.tasks) {
            ids.push_back(task.id);
        }
    }
    const Ticket ticket = callbacks_.add(std::move(submit.on_finished), count);
    tasks_.submit(submit.submission, std::move(submit.tasks), ticket, Interest::result, now,
                  task_effects_);
    if (submit.on_accepted) {
        tasks_.watch_receipts(ids, callbacks_.add(std::move(submit.on_accepted), count),
                              task_effects_);
    }
}

void Connection::carry_out(TimePoint now) {
    send_effects(now);
    deliver_notices();
}

void Connection::send_effects(TimePoint now) {
    const auto deliver = [&](protocol::Message message) {
        if (session_.is_open() && !send(std::move(message), now)) {
            // Nobody is connected: ZeroMQ will connect again, but to a broker that does not know
            // us. What is unsent counts as in flight and is taken back with the rest.
            lose_session(now);
        }
    };
    for (SubmitBatch& batch : task_effects_.submits) {
        protocol::Submit submit{std::move(batch.submission.type),
                                std::move(batch.submission.queue),
                                batch.submission.options,
                                {}};
        submit.tasks.reserve(batch.tasks.size());
        for (NewTask& task : batch.tasks) {
            submit.tasks.push_back({task.id, std::move(task.body)});
        }
        deliver(std::move(submit));
    }
    for (std::vector<TaskId>& ids : task_effects_.awaits) {
        deliver(protocol::Await{std::move(ids)});
    }
    for (std::vector<TaskId>& ids : request_effects_.cancels) {
        deliver(protocol::Cancel{std::move(ids)});
    }
    for (Question& question : request_effects_.questions) {
        std::visit([&](auto& known) { deliver(std::move(known)); }, question);
    }
    task_effects_.submits.clear();
    task_effects_.awaits.clear();
    request_effects_.cancels.clear();
    request_effects_.questions.clear();
}

void Connection::deliver_notices() {
    if (task_effects_.released_tasks > 0) {
        gate_.leave(std::exchange(task_effects_.released_tasks, 0),
                    std::exchange(task_effects_.released_bytes, 0));
    }
    for (Notice& notice : task_effects_.notices) {
        callbacks_.deliver(std::move(notice));
    }
    for (RequestNotice& notice : request_effects_.notices) {
        callbacks_.deliver(std::move(notice));
    }
    task_effects_.notices.clear();
    request_effects_.notices.clear();
}

void Connection::fail_all(const Error& error) {
    tasks_.fail_all(error, task_effects_);
    requests_.fail_all(error, request_effects_);
}

}  // namespace penstock::client
