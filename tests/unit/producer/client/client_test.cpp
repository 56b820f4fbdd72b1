#include "producer/client/client.hpp"

#include <atomic>
#include <thread>

#include "tests/support/catch.hpp"
#include "tests/unit/producer/client/scripted_broker.hpp"

namespace penstock::client {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const Submission doubles{"math.double", "default", {}};

NewTask task(std::string_view payload = "") {
    return {new_task_id(), {{}, SharedBytes::copy_of(payload)}};
}

Client client_of(const ScriptedBroker& broker, milliseconds connect_timeout = seconds(20)) {
    Options options;
    options.server = broker.endpoint();
    options.connect_timeout = connect_timeout;
    return std::move(*Client::create(options));
}

TEST_CASE("connecting gives the broker's terms") {
    ScriptedBroker broker;
    Client client = client_of(broker);
    auto terms = std::async(std::launch::async, [&] { return client.connect(); });
    broker.greet(42);
    const Result<BrokerTerms> answer = terms.get();
    REQUIRE(answer.has_value());
    REQUIRE(answer->epoch == Epoch{42});
    REQUIRE(answer->version == "1.2.3");
}

TEST_CASE("a submitted task gets its receipt, a run task its result") {
    ScriptedBroker broker;
    Client client = client_of(broker);
    auto receipt = client.submit(doubles, task());
    broker.greet();
    REQUIRE_FALSE(broker.accept().options.notify);
    REQUIRE(receipt.get()->durability == Durability::memory);

    auto result = client.run(doubles, task("hello"));
    const protocol::Submit submit = broker.accept();
    REQUIRE(submit.options.notify);
    REQUIRE(submit.type == "math.double");
    broker.complete(submit);
    REQUIRE(as_text(result.get()->output.payload.view()) == "hello");
}

TEST_CASE("who runs a task may be told that it is accepted") {
    ScriptedBroker broker;
    Client client = client_of(broker);
    std::promise<bool> accepted;
    std::promise<std::string> value;
    client.run(doubles, {task("hello")},
               OnAccepted([&](const TaskId&, const Result<Receipt>& receipt) {
                   accepted.set_value(receipt.has_value());
               }),
               OnFinished([&](const TaskId&, const Result<TaskResult>& result) {
                   value.set_value(std::string(as_text(result->output.payload.view())));
               }));
    broker.greet();
    const protocol::Submit submit = broker.accept();
    REQUIRE(submit.options.notify);
    REQUIRE(accepted.get_future().get());
    broker.complete(submit);
    REQUIRE(value.get_future().get() == "hello");
}

TEST_CASE("many tasks travel in few messages and each is called back once") {
    ScriptedBroker broker;
    Client client = client_of(broker);
    constexpr std::size_t count = 3000;
    std::vector<NewTask> tasks;
    for (std::size_t i = 0; i < count; ++i) {
        tasks.push_back(task());
    }
    std::atomic<std::size_t> ended = 0;
    std::promise<void> all;
    client.run(doubles, std::move(tasks), [&](const TaskId&, const Result<TaskResult>& result) {
        if (result && ++ended == count) {
            all.set_value();
        }
    });
    broker.greet();
    std::size_t messages = 0;
    for (std::size_t seen = 0; seen < count; ++messages) {
        const protocol::Submit submit = broker.accept();
        seen += submit.tasks.size();
        broker.complete(submit);
    }
    REQUIRE(all.get_future().wait_for(seconds(10)) == std::future_status::ready);
    REQUIRE(messages <= 6);
}

TEST_CASE("a broker that comes back as another gets the unconfirmed again and is asked the rest") {
    ScriptedBroker broker;
    Client client = client_of(broker);
    auto lost = client.run(doubles, task());
    broker.greet(1);
    const TaskId lost_id = broker.accept().tasks.front().id;
    // Messages keep their order: with this receipt the one before has arrived, too.
    auto marker = client.submit(doubles, task());
    static_cast<void>(broker.accept());
    REQUIRE(marker.get().has_value());
    auto unconfirmed = client.run(doubles, task());
    const TaskId unconfirmed_id = broker.expect<protocol::Submit>().tasks.front().id;

    broker.stop();
    broker.start();
    broker.greet(2);
    const auto again = broker.expect<protocol::Submit>();
    REQUIRE(again.tasks.front().id == unconfirmed_id);
    REQUIRE(broker.expect<protocol::Await>().ids == std::vector<TaskId>{lost_id});
    broker.reply(protocol::Refusal{{ErrorCode::not_found, "never heard of it"}, {}, {lost_id}});
    REQUIRE(lost.get().error().code == ErrorCode::broker_restarted);
    broker.complete(again);
    REQUIRE(unconfirmed.get().has_value());
}

TEST_CASE("a broker that forgot the session is greeted again") {
    ScriptedBroker broker;
    Client client = client_of(broker);
    auto receipt = client.submit(doubles, task());
    broker.greet();
    static_cast<void>(broker.expect<protocol::Submit>());
    broker.reply(protocol::Refusal{{ErrorCode::no_session, "who are you?"}, {}, {}});
    broker.greet();
    static_cast<void>(broker.accept());
    REQUIRE(receipt.get().has_value());
}

TEST_CASE("without a broker everything fails as unavailable, in time") {
    Options options;
    options.server = "ipc:///nonexistent/broker.sock";
    options.connect_timeout = milliseconds(50);
    Client client = std::move(*Client::create(options));
    auto receipt = client.submit(doubles, task());
    auto result = client.await(new_task_id());
    auto cancelled = client.cancel(new_task_id());
    auto answer = client.query({});
    REQUIRE(client.connect().error().code == ErrorCode::unavailable);
    const Result<Receipt> refused = receipt.get();
    REQUIRE(refused.error().code == ErrorCode::unavailable);
    REQUIRE(refused.error().message.find(options.server) != std::string::npos);
    REQUIRE(result.get().error().code == ErrorCode::unavailable);
    REQUIRE(cancelled.get().error().code == ErrorCode::unavailable);
    REQUIRE(answer.get().error().code == ErrorCode::unavailable);
}

TEST_CASE("a broker of another version ends all hope at once") {
    ScriptedBroker broker;
    Client client = client_of(broker);
    auto first = client.submit(doubles, task());
    static_cast<void>(broker.expect<protocol::Hello>());
    broker.reply(protocol::Refusal{{ErrorCode::version, "I speak 2, you speak 1"}, {}, {}});
    REQUIRE(first.get().error().code == ErrorCode::version);
    REQUIRE(client.submit(doubles, task()).get().error().code == ErrorCode::version);
}

TEST_CASE("what is pending when the client goes is told so, and the broker hears goodbye") {
    ScriptedBroker broker;
    std::future<Result<TaskResult>> result;
    {
        Client client = client_of(broker);
        result = client.run(doubles, task());
        broker.greet();
        static_cast<void>(broker.accept());
    }
    REQUIRE(result.get().error().code == ErrorCode::unavailable);
    static_cast<void>(broker.expect<protocol::Goodbye>());
}

TEST_CASE("what a callback submits while the client goes is told so, too") {
    ScriptedBroker broker;
    int told = 0;
    OnFinished again;
    {
        Client client = client_of(broker);
        again = [&](const TaskId&, const Result<TaskResult>& result) {
            told += result.error().code == ErrorCode::unavailable ? 1 : 0;
            if (told < 3) {
                client.run(doubles, {task()}, again);
            }
        };
        client.run(doubles, {task()}, again);
        broker.greet();
        static_cast<void>(broker.accept());
    }
    REQUIRE(told == 3);
}

TEST_CASE("a callback that always submits again does not keep the client from going") {
    Options options;
    options.server = "ipc:///nonexistent/broker.sock";
    options.connect_timeout = milliseconds(0);
    int told = 0;
    OnFinished again;
    {
        Client client = std::move(*Client::create(options));
        again = [&](const TaskId&, const Result<TaskResult>&) {
            ++told;
            client.run(doubles, {task()}, again);
        };
        client.run(doubles, {task()}, again);
    }
    REQUIRE(told >= 1000);
}

TEST_CASE("a client that never reached its broker goes quickly") {
    Options options;
    options.server = "ipc:///nonexistent/broker.sock";
    options.connect_timeout = milliseconds(0);
    std::future<Result<TaskResult>> result;
    const auto start = std::chrono::steady_clock::now();
    {
        Client client = std::move(*Client::create(options));
        result = client.run(doubles, task());
    }
    REQUIRE(std::chrono::steady_clock::now() - start < seconds(5));
    REQUIRE(result.get().error().code == ErrorCode::unavailable);
}

TEST_CASE("cancellations and queries find their answers") {
    ScriptedBroker broker;
    Client client = client_of(broker);
    const TaskId id = new_task_id();
    auto cancelled = client.cancel(id);
    broker.greet();
    REQUIRE(broker.expect<protocol::Cancel>().ids == std::vector<TaskId>{id});
    broker.reply(protocol::Cancelling{{id}});
    REQUIRE(cancelled.get().has_value());

    protocol::Query query;
    query.what = protocol::QueryKind::queues;
    auto answer = client.query(query);
    const auto asked = broker.expect<protocol::Query>();
    protocol::Answer rows;
    rows.request = asked.request;
    rows.what = asked.what;
    rows.rows = std::vector<protocol::QueueRow>{{"default", {}, 7, {}}};
    broker.reply(rows);
    const Result<protocol::Answer> got = answer.get();
    REQUIRE(std::get<std::vector<protocol::QueueRow>>(got->rows).front().bytes == 7);
}

TEST_CASE("a full client holds its callers back until the broker confirms") {
    ScriptedBroker broker;
    Options options;
    options.server = broker.endpoint();
    options.connect_timeout = milliseconds(0);
    options.unconfirmed_tasks_max = 2;
    Client client = std::move(*Client::create(options));
    std::atomic<int> handed_over = 0;
    std::thread application([&] {
        for (int i = 0; i < 3; ++i) {
            client.run(doubles, {task()}, [](const TaskId&, const Result<TaskResult>&) {});
            ++handed_over;
        }
    });
    broker.greet();
    std::size_t seen = 0;
    std::vector<TaskId> ids;
    while (seen < 2) {
        for (const auto& submitted : broker.expect<protocol::Submit>().tasks) {
            ids.push_back(submitted.id);
            ++seen;
        }
    }
    REQUIRE(handed_over <= 2);
    broker.reply(protocol::Receipt{Durability::memory, ids});
    REQUIRE(broker.expect<protocol::Submit>().tasks.size() == 1);
    application.join();
    REQUIRE(handed_over == 3);
}

TEST_CASE("a callback may submit more, even when the client is full") {
    ScriptedBroker broker;
    Options options;
    options.server = broker.endpoint();
    options.unconfirmed_tasks_max = 1;
    Client client = std::move(*Client::create(options));
    std::promise<void> second_ended;
    client.run(doubles, {task()}, [&](const TaskId&, const Result<TaskResult>&) {
        for (int i = 0; i < 2; ++i) {
            client.run(doubles, {task()}, [&, i](const TaskId&, const Result<TaskResult>&) {
                if (i == 1) {
                    second_ended.set_value();
                }
            });
        }
    });
    broker.greet();
    for (int i = 0; i < 3; ++i) {
        broker.complete(broker.accept());
    }
    REQUIRE(second_ended.get_future().wait_for(seconds(10)) == std::future_status::ready);
}

TEST_CASE("several threads may use one client") {
    ScriptedBroker broker;
    Client client = client_of(broker);
    constexpr int threads = 4;
    constexpr int each = 50;
    std::atomic<int> ended = 0;
    std::vector<std::thread> application;
    for (int i = 0; i < threads; ++i) {
        application.emplace_back([&] {
            for (int n = 0; n < each; ++n) {
                ended += client.run(doubles, task("x")).get().has_value() ? 1 : 0;
            }
        });
    }
    broker.greet();
    for (std::size_t seen = 0; seen < threads * each;) {
        const protocol::Submit submit = broker.accept();
        seen += submit.tasks.size();
        broker.complete(submit);
    }
    for (std::thread& thread : application) {
        thread.join();
    }
    REQUIRE(ended == threads * each);
}

TEST_CASE("an address or name that cannot be is refused") {
    REQUIRE(Client::create({.server = "nonsense"}).error().code == ErrorCode::malformed);
    REQUIRE(Client::create({.name = "two words"}).error().code == ErrorCode::malformed);
}

TEST_CASE("a piece of a backup comes as it was sent, and a refusal as an error") {
    ScriptedBroker broker;
    Client client = client_of(broker);
    auto piece = client.backup({"journal/x", 7});
    broker.greet();
    const auto asked = broker.expect<protocol::Backup>();
    REQUIRE(asked.from == protocol::BackupPlace{"journal/x", 7});
    protocol::BackupPart part;
    part.request = asked.request;
    part.at = asked.from;
    part.file_bytes = 100;
    part.bytes = SharedBytes::copy_of("bytes");
    broker.reply(part);
    REQUIRE(piece.get().value() == part);

    auto refused = client.backup({});
    protocol::BackupPart refusal;
    refusal.request = broker.expect<protocol::Backup>().request;
    refusal.error = Error{ErrorCode::unsupported, "in memory"};
    broker.reply(refusal);
    REQUIRE(refused.get().error() == *refusal.error);
}

}  // namespace
}  // namespace penstock::client
