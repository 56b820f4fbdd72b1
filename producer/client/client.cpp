#include "producer/client/client.hpp"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <utility>

#include "common/model/assert.hpp"
#include "producer/client/connection.hpp"
#include "producer/client/payload_memory.hpp"

namespace penstock::client {
namespace {

// What passes the gate at once: enough for a full SUBMIT.
constexpr std::size_t chunk_tasks = 1024;
constexpr std::size_t chunk_bytes = std::size_t{1} << 20U;

// A promise that a copyable callback can carry, and its future.
template <typename T>
struct Answer {
    std::shared_ptr<std::promise<Result<T>>> promise = std::make_shared<std::promise<Result<T>>>();
    std::future<Result<T>> future = promise->get_future();
};

// The next tasks that may travel together, at least one.
std::size_t chunk_end(const std::vector<NewTask>& tasks, std::size_t begin, std::size_t& bytes) {
    bytes = 0;
    std::size_t end = begin;
    while (end < tasks.size() && end - begin < chunk_tasks && bytes < chunk_bytes) {
        bytes += tasks[end].body.size_bytes();
        ++end;
    }
    return end;
}

}  // namespace

std::string default_server() {
    const char* const server = std::getenv("PENSTOCK_SERVER");  // NOLINT(concurrency-mt-unsafe)
    return server == nullptr || *server == '\0' ? "tcp://127.0.0.1:5750" : server;
}

class Client::Impl {
  public:
    Impl(const Options& options, transport::Endpoint endpoint)
        : connection_(options, std::move(endpoint)) {}

    void push(Command command) { connection_.push(std::move(command)); }

    // Requires: at least one of the two callbacks.
    void submit(const Submission& submission, std::vector<NewTask> tasks,
                const OnAccepted& on_accepted, const OnFinished& on_finished) {
        for (std::size_t begin = 0; begin < tasks.size();) {
            std::size_t bytes = 0;
            const std::size_t end = chunk_end(tasks, begin, bytes);
            pass_gate(end - begin, bytes);
            if (begin == 0 && end == tasks.size()) {
                submit_chunk(submission, std::move(tasks), on_accepted, on_finished);
                return;
            }
            const auto first = tasks.begin() + static_cast<std::ptrdiff_t>(begin);
            const auto last = tasks.begin() + static_cast<std::ptrdiff_t>(end);
            submit_chunk(submission,
                         {std::make_move_iterator(first), std::make_move_iterator(last)},
                         on_accepted, on_finished);
            begin = end;
        }
    }

    [[nodiscard]] bool is_full() { return connection_.gate().is_full(); }
    [[nodiscard]] PayloadBuffer payload_buffer(std::size_t bytes) {
        return make_payload_buffer(connection_.ring(), bytes);
    }

  private:
    // Requires: it has passed the gate.
    void submit_chunk(const Submission& submission, std::vector<NewTask> chunk,
                      const OnAccepted& on_accepted, const OnFinished& on_finished) {
        for (NewTask& task : chunk) {
            connection_.place(task.body);
        }
        push(SubmitCommand{submission, std::move(chunk), on_accepted, on_finished});
    }
    void pass_gate(std::size_t tasks, std::size_t bytes) {
        if (connection_.on_socket_thread()) {
            connection_.gate().enter_at_once(tasks, bytes);
            return;
        }
        connection_.gate().enter(tasks, bytes);
    }

    Connection connection_;
};

Result<Client> Client::create(Options options) {
    Result<transport::Endpoint> endpoint = transport::parse_server_endpoint(options.server);
    if (!endpoint) {
        return tl::unexpected(endpoint.error());
    }
    if (!is_valid_name(options.name)) {
        return fail(ErrorCode::malformed,
                    "the client's name may have 1 to 128 of the characters A-Z a-z 0-9 . _ - :");
    }
    return Client(std::make_unique<Impl>(options, std::move(*endpoint)));
}

Client::Client(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;

Result<BrokerTerms> Client::connect() {
    Answer<BrokerTerms> answer;
    impl_->push(ConnectCommand{[promise = answer.promise](Result<BrokerTerms> terms) {
        promise->set_value(std::move(terms));
    }});
    return answer.future.get();
}

std::future<Result<Receipt>> Client::submit(const Submission& submission, NewTask task) {
    Answer<Receipt> answer;
    submit(submission, {std::move(task)},
           [promise = answer.promise](const TaskId&, Result<Receipt> receipt) {
               promise->set_value(std::move(receipt));
           });
    return std::move(answer.future);
}

std::future<Result<TaskResult>> Client::run(const Submission& submission, NewTask task) {
    Answer<TaskResult> answer;
    run(submission, {std::move(task)},
        [promise = answer.promise](const TaskId&, Result<TaskResult> result) {
            promise->set_value(std::move(result));
        });
    return std::move(answer.future);
}

void Client::submit(const Submission& submission, std::vector<NewTask> tasks,
                    OnAccepted on_accepted) {
    PENSTOCK_ASSERT(on_accepted != nullptr);
    impl_->submit(submission, std::move(tasks), on_accepted, nullptr);
}

void Client::run(const Submission& submission, std::vector<NewTask> tasks, OnFinished on_finished) {
    PENSTOCK_ASSERT(on_finished != nullptr);
    impl_->submit(submission, std::move(tasks), nullptr, on_finished);
}

void Client::run(const Submission& submission, std::vector<NewTask> tasks, OnAccepted on_accepted,
                 OnFinished on_finished) {
    PENSTOCK_ASSERT(on_accepted != nullptr && on_finished != nullptr);
    impl_->submit(submission, std::move(tasks), on_accepted, on_finished);
}

PayloadBuffer Client::payload_buffer(std::size_t bytes) {
    return impl_->payload_buffer(bytes);
}

bool Client::is_full() const {
    return impl_->is_full();
}

std::future<Result<TaskResult>> Client::await(const TaskId& id) {
    Answer<TaskResult> answer;
    await({id}, [promise = answer.promise](const TaskId&, Result<TaskResult> result) {
        promise->set_value(std::move(result));
    });
    return std::move(answer.future);
}

void Client::await(std::vector<TaskId> ids, OnFinished on_finished) {
    PENSTOCK_ASSERT(on_finished != nullptr);
    if (!ids.empty()) {
        impl_->push(AwaitCommand{std::move(ids), std::move(on_finished)});
    }
}

std::future<Result<void>> Client::cancel(const TaskId& id) {
    Answer<void> answer;
    impl_->push(CancelCommand{id, [promise = answer.promise](Result<void> result) {
                                  promise->set_value(std::move(result));
                              }});
    return std::move(answer.future);
}

std::future<Result<protocol::Answer>> Client::query(protocol::Query query) {
    Answer<protocol::Answer> answer;
    this->query(std::move(query), [promise = answer.promise](Result<protocol::Answer> rows) {
        promise->set_value(std::move(rows));
    });
    return std::move(answer.future);
}

void Client::query(protocol::Query query, OnAnswer on_answer) {
    PENSTOCK_ASSERT(on_answer != nullptr);
    impl_->push(QueryCommand{std::move(query), std::move(on_answer)});
}

std::future<Result<protocol::ArchiveReply>> Client::archive(protocol::ArchiveRequest request) {
    Answer<protocol::ArchiveReply> answer;
    impl_->push(ArchiveCommand{std::move(request),
                               [promise = answer.promise](Result<protocol::ArchiveReply> reply) {
                                   if (reply && reply->error) {
                                       promise->set_value(tl::unexpected(*std::move(reply->error)));
                                   } else {
                                       promise->set_value(std::move(reply));
                                   }
                               }});
    return std::move(answer.future);
}

std::future<Result<protocol::BackupPart>> Client::backup(protocol::BackupPlace from) {
    Answer<protocol::BackupPart> answer;
    impl_->push(BackupCommand{
        std::move(from), [promise = answer.promise](Result<protocol::BackupPart> part) {
            // What the broker says is wrong is an error like any other.
            promise->set_value(part && part->error ? tl::unexpected(*std::move(part->error))
                                                   : std::move(part));
        }});
    return std::move(answer.future);
}

}  // namespace penstock::client
