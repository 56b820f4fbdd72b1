// What visits need around them: a data folder, a broker that says what the test wants, one place
// at each turnstile, one thread of each kind; and callers who wait.
#pragma once

#include <future>
#include <memory>
#include <string>
#include <utility>

#include "producer/gateway/shell/workshop.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/unit/producer/client/scripted_broker.hpp"

namespace penstock::gateway {

class TestCaller : public http::Caller {
  public:
    void answer(http::Reply reply) override { answer_.set_value(std::move(reply)); }
    // Waits for it.
    [[nodiscard]] http::Reply reply() { return answer_.get_future().get(); }

  private:
    std::promise<http::Reply> answer_;
};

// Holds whoever answers it until the test lets go.
class SlowCaller : public http::Caller {
  public:
    void answer(http::Reply) override {
        entered_.set_value();
        let_go_.get_future().wait();
    }
    void wait_until_answered() { entered_.get_future().wait(); }
    void let_go() { let_go_.set_value(); }

  private:
    std::promise<void> entered_;
    std::promise<void> let_go_;
};

struct TestWorkshop {
    TestWorkshop() { scripted.greet(); }
    ~TestWorkshop() {
        // As in main().
        submitting.stop();
        broker.reset();
        disk.stop();
    }
    TestWorkshop(const TestWorkshop&) = delete;
    TestWorkshop& operator=(const TestWorkshop&) = delete;

    // Hands in the whole body of a request.
    template <typename Visit>
    static void send(Visit& visit, std::shared_ptr<http::Caller> caller,
                     std::string_view body = "") {
        if (!body.empty()) {
            static_cast<void>(visit.receive(as_byte_view(body)));
        }
        static_cast<void>(visit.finish(std::move(caller)));
    }
    // QUERY and ANSWER: the task is known, and completed.
    void find_completed() {
        const auto query = scripted.expect<protocol::Query>();
        protocol::TaskRow row;
        row.id = *query.id;
        row.type = "math.lcg";
        row.queue = "default";
        row.state = TaskState::completed;
        scripted.reply(protocol::Answer{query.request, query.what, std::vector{row}, 0});
    }
    // The answer to AWAIT.
    void give_result(const TaskId& id) {
        TaskResult result;
        result.id = id;
        result.output.payload = SharedBytes::copy_of("some bytes");
        scripted.reply(protocol::ResultBatch{{result}});
    }
    // The client's thread has done what it was told until now.
    void catch_up() {
        std::promise<void> asked;
        broker->look_up(TaskId{}, [&](const auto&) { asked.set_value(); });
        find_completed();
        asked.get_future().wait();
    }

    TemporaryFolder place;
    Limits limits;
    Folder folder = std::move(*Folder::open(place.path().string()));
    client::ScriptedBroker scripted;
    std::unique_ptr<Broker> broker =
        std::move(*Broker::create(scripted.endpoint(), Durability::disk, std::nullopt));
    BodyMemory bodies{limits.bodies_bytes_max,
                      [this](std::size_t bytes) { return broker->client().payload_buffer(bytes); }};
    Turnstile uploads{1};
    Turnstile numbers{1};
    Turnstile fetches{1};
    Jobs submitting{1};
    Jobs disk{1};
    Workshop workshop{limits, folder, *broker, bodies, uploads, numbers, fetches, submitting, disk};
};

// Words for the tests.
inline std::string code_of(const http::Reply& reply) {
    return std::to_string(reply.status) + " " + reply.code;
}

}  // namespace penstock::gateway
