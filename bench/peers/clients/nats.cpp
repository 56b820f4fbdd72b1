// NATS core's producer and worker: requests to a queue group, replies to the producer.
//
// Usage: nats producer|worker PORT asap|buffered request|inbox
//
// "request" gives each request a subject of its own for its reply, below one that the producer
// listens to for all of them: what libnats' own request does, but without a thread that waits for
// each. "inbox" has one subject for all replies and leaves it to the body to tell which one it is.
#include "bench/peers/clients/nats.hpp"

namespace {

using penstock::peers::Body;
using penstock::peers::check;
using penstock::peers::Repetition;

// Each pair of mode and way has workers, and so subjects, of its own.
struct Names {
    std::string tasks;
    std::string results;
    bool is_request;
};

void produce(natsConnection* connection, const Names& names) {
    const std::string& results = names.results;
    natsSubscription* replies =
        penstock::peers::results_of(connection, names.is_request ? results + ".*" : results);
    std::uint64_t requests = 0;
    penstock::peers::repeat([&](Repetition& repetition) {
        while (repetition.goes_on()) {
            while (repetition.may_send()) {
                const Body body = repetition.next();
                const std::string reply =
                    names.is_request ? results + '.' + std::to_string(++requests) : results;
                check(natsConnection_PublishRequest(connection, names.tasks.c_str(), reply.c_str(),
                                                    body.data(), body.size()),
                      "publish");
            }
            penstock::peers::take_result(replies, repetition);
        }
    });
}

void change(natsConnection* connection, natsSubscription* /*tasks*/, natsMsg* task,
            void* /*context*/) {
    std::string body(penstock::peers::text_of(task));
    penstock::peers::handle(body.data(), body.size());
    check(natsConnection_Publish(connection, natsMsg_GetReply(task), body.data(),
                                 static_cast<int>(body.size())),
          "reply");
    natsMsg_Destroy(task);
}

void work(natsConnection* connection, const Names& names) {
    natsSubscription* tasks = nullptr;
    check(natsConnection_QueueSubscribe(&tasks, connection, names.tasks.c_str(), "workers", change,
                                        nullptr),
          "subscribe");
    check(natsSubscription_SetPendingLimits(tasks, -1, -1), "limits");
    check(natsConnection_Flush(connection), "flush");
    penstock::peers::say_ready();
    std::cin.get();  // until whoever has started this ends it
}

}  // namespace

int main(int count, char** words) {
    if (count != 5) {
        penstock::peers::give_up("usage: nats producer|worker PORT asap|buffered request|inbox");
    }
    const std::string mode = words[3];
    const std::string way = words[4];
    const std::string pool = mode + '.' + way;
    const Names names{"tasks." + pool, "results." + pool, way == "request"};
    natsConnection* connection = penstock::peers::connect(words[2], mode);
    std::string_view(words[1]) == "worker" ? work(connection, names) : produce(connection, names);
}
