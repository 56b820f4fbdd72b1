// JetStream's producer and worker: a work queue in files, one durable pull consumer for both
// workers; results over NATS core.
//
// Usage: jetstream producer|worker PORT asap|buffered
#include "bench/peers/clients/nats.hpp"

namespace {

using penstock::peers::Body;
using penstock::peers::check;
using penstock::peers::Repetition;

constexpr int fetched_max = 256;
constexpr std::int64_t unacknowledged_max = 20000;
constexpr const char* consumer = "workers";

// Each mode has workers, and so a stream, of its own.
struct Names {
    explicit Names(const std::string& mode)
        : stream("tasks-" + mode), tasks("tasks." + mode), results("results." + mode) {}

    std::string stream;
    std::string tasks;
    std::string results;
};

void create_stream(jsCtx* stream, const Names& names) {
    const char* subjects[] = {names.tasks.c_str()};
    jsStreamConfig config;
    jsStreamConfig_Init(&config);
    config.Name = names.stream.c_str();
    config.Subjects = subjects;
    config.SubjectsLen = 1;
    config.Storage = js_FileStorage;
    config.Retention = js_WorkQueuePolicy;
    jsErrCode code{};
    const natsStatus status = js_AddStream(nullptr, stream, &config, nullptr, &code);
    // The other worker may have been first.
    if (code != JSStreamNameExistErr) {
        check(status, "stream");
    }
}

natsSubscription* subscribe(jsCtx* stream, const Names& names) {
    jsSubOptions options;
    jsSubOptions_Init(&options);
    options.Stream = names.stream.c_str();
    options.Config.AckPolicy = js_AckExplicit;
    options.Config.MaxAckPending = unacknowledged_max;
    natsSubscription* tasks = nullptr;
    check(
        js_PullSubscribe(&tasks, stream, names.tasks.c_str(), consumer, nullptr, &options, nullptr),
        "pull");
    return tasks;
}

// On a thread of libnats.
void refuse(jsCtx* /*stream*/, jsPubAckErr* /*error*/, void* /*context*/) {
    penstock::peers::give_up("the stream has refused a task");
}

// All receipts have come, too, before the clock stops.
void wait_for_receipts(jsCtx* stream, Repetition& repetition) {
    jsPubOptions options;
    jsPubOptions_Init(&options);
    options.MaxWait = 60000;
    if (js_PublishAsyncComplete(stream, &options) != NATS_OK) {
        repetition.take_fault();
    }
}

void produce(natsConnection* connection, const Names& names) {
    jsOptions options;
    jsOptions_Init(&options);
    options.PublishAsync.MaxPending = unacknowledged_max;
    options.PublishAsync.ErrHandler = refuse;
    jsCtx* stream = nullptr;
    check(natsConnection_JetStream(&stream, connection, &options), "stream");
    natsSubscription* results = penstock::peers::results_of(connection, names.results);
    penstock::peers::repeat([&](Repetition& repetition) {
        while (repetition.goes_on()) {
            while (repetition.may_send()) {
                const Body body = repetition.next();
                check(
                    js_PublishAsync(stream, names.tasks.c_str(), body.data(), body.size(), nullptr),
                    "publish");
            }
            penstock::peers::take_result(results, repetition);
        }
        wait_for_receipts(stream, repetition);
    });
}

void change(natsConnection* connection, natsMsg* task, const Names& names) {
    std::string body(penstock::peers::text_of(task));
    penstock::peers::handle(body.data(), body.size());
    check(natsConnection_Publish(connection, names.results.c_str(), body.data(),
                                 static_cast<int>(body.size())),
          "result");
    check(natsMsg_Ack(task, nullptr), "acknowledge");
}

void work(natsConnection* connection, const Names& names) {
    constexpr std::int64_t milliseconds = 5000;
    jsCtx* stream = nullptr;
    check(natsConnection_JetStream(&stream, connection, nullptr), "stream");
    create_stream(stream, names);
    natsSubscription* tasks = subscribe(stream, names);
    penstock::peers::say_ready();
    while (true) {
        natsMsgList list{};
        const natsStatus status =
            natsSubscription_Fetch(&list, tasks, fetched_max, milliseconds, nullptr);
        if (status != NATS_TIMEOUT) {
            check(status, "fetch");
        }
        for (int i = 0; i < list.Count; ++i) {
            change(connection, list.Msgs[i], names);
        }
        natsMsgList_Destroy(&list);
    }
}

}  // namespace

int main(int count, char** words) {
    if (count != 4) {
        penstock::peers::give_up("usage: jetstream producer|worker PORT asap|buffered");
    }
    natsConnection* connection = penstock::peers::connect(words[2], words[3]);
    const Names names(words[3]);
    std::string_view(words[1]) == "worker" ? work(connection, names) : produce(connection, names);
}
