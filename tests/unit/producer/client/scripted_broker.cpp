#include "tests/unit/producer/client/scripted_broker.hpp"

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <unistd.h>

#include "common/model/time.hpp"

namespace penstock::client {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds patience{10};

std::string fresh_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "penstock-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
        throw std::runtime_error("no temporary folder");
    }
    return name;
}

}  // namespace

ScriptedBroker::ScriptedBroker()
    : folder_(fresh_folder()), endpoint_("ipc://" + folder_ + "/broker.sock") {
    start();
}

ScriptedBroker::~ScriptedBroker() {
    router_.reset();
    std::filesystem::remove_all(folder_);
}

void ScriptedBroker::stop() {
    router_.reset();
    sessions_.clear();
}

void ScriptedBroker::start() {
    transport::SocketLimits limits;
    limits.frame_max_bytes = protocol::frame_max_bytes({});
    router_.emplace(context_, limits);
    // The old socket is closed by a thread of ZeroMQ's own.
    const auto deadline = Instant::read().steady + patience;
    while (!router_->bind(*transport::parse_endpoint(endpoint_))) {
        if (Instant::read().steady > deadline) {
            throw std::runtime_error("cannot bind " + endpoint_);
        }
    }
}

protocol::Message ScriptedBroker::next() {
    transport::Poller poller;
    poller.watch(*router_);
    const auto deadline = Instant::read().steady + patience;
    while (Instant::read().steady < deadline) {
        transport::Incoming incoming;
        if (!router_->receive(incoming)) {
            poller.wait(milliseconds(100));
            continue;
        }
        Result<protocol::Message> message = protocol::decode(incoming.frames, {});
        if (!message) {
            throw std::runtime_error("the client sent " + message.error().message);
        }
        peer_ = incoming.peer;
        if (std::holds_alternative<protocol::Hello>(*message)) {
            sessions_.insert(peer_);
        }
        if (!sessions_.contains(peer_)) {
            reply(protocol::Refusal{{ErrorCode::no_session, "say HELLO first"}, {}, {}});
            continue;
        }
        if (std::holds_alternative<protocol::Heartbeat>(*message)) {
            reply(protocol::Heartbeat{});
            continue;
        }
        return std::move(*message);
    }
    throw std::runtime_error("the client said nothing for 10 s");
}

void ScriptedBroker::fail_unexpected(const protocol::Message& message) {
    throw std::runtime_error("unexpected message of kind " + std::to_string(message.index() + 1));
}

void ScriptedBroker::reply(const protocol::Message& message) {
    const protocol::Frames frames = protocol::encode(message);
    if (router_->send(peer_, frames) != transport::SendStatus::sent) {
        throw std::runtime_error("cannot answer the client");
    }
}

void ScriptedBroker::greet(std::uint64_t epoch) {
    static_cast<void>(expect<protocol::Hello>());
    const protocol::Limits limits;
    reply(protocol::Welcome{Epoch{epoch}, "1.2.3", milliseconds(1000), milliseconds(6000),
                            limits.body_max_bytes, limits.batch_max});
}

protocol::Submit ScriptedBroker::accept() {
    auto submit = expect<protocol::Submit>();
    protocol::Receipt receipt;
    for (const protocol::SubmittedTask& task : submit.tasks) {
        receipt.ids.push_back(task.id);
    }
    reply(receipt);
    return submit;
}

void ScriptedBroker::complete(const protocol::Submit& submit) {
    protocol::ResultBatch batch;
    for (const protocol::SubmittedTask& task : submit.tasks) {
        TaskResult result;
        result.id = task.id;
        result.output = task.body;
        batch.results.push_back(std::move(result));
    }
    reply(batch);
}

}  // namespace penstock::client
