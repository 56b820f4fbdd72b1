#include "producer/gateway/shell/broker.hpp"

#include <utility>

namespace penstock::gateway {
namespace {

using std::chrono::milliseconds;

// How long the first callers wait for a broker that is not there, or that a busy machine keeps
// from speaking; the next ones are told at once.
constexpr milliseconds connect_timeout{5'000};
// A full queue is told to the caller, who knows best whether to try again.
constexpr milliseconds busy_timeout{1};
// Bodies that the broker has not confirmed, in memory. The next ones wait where they are.
constexpr std::size_t unconfirmed_bytes_max = std::size_t{16} << 20U;
// Several probes.
constexpr std::chrono::seconds ready_for{4};

}  // namespace

Result<std::unique_ptr<Broker>> Broker::create(const std::string& server, Durability durability,
                                               std::optional<std::uint64_t> shm_bytes) {
    client::Options options;
    options.server = server;
    options.name = "gateway";
    options.shm_bytes = shm_bytes;
    options.connect_timeout = connect_timeout;
    options.busy_timeout = busy_timeout;
    options.unconfirmed_bytes_max = unconfirmed_bytes_max;
    return client::Client::create(std::move(options)).map([&](client::Client client) {
        return std::unique_ptr<Broker>(new Broker(std::move(client), durability));
    });
}

void Broker::probe(TimePoint now) {
    protocol::Query query;
    query.what = protocol::QueryKind::broker;
    client_.query(std::move(query), [state = state_, now](const Result<protocol::Answer>& answer) {
        state->reachable = answer.has_value();
        if (answer) {
            state->answered = now;
        }
    });
}

bool Broker::is_ready(TimePoint now) const {
    const TimePoint answered = state_->answered;
    return state_->reachable && answered != TimePoint{} && now - answered < ready_for;
}

void Broker::cancel(const std::vector<TaskId>& ids) {
    for (const TaskId& id : ids) {
        static_cast<void>(client_.cancel(id));
    }
}

void Broker::look_up(const TaskId& id, OnRow on_row) {
    protocol::Query query;
    query.what = protocol::QueryKind::task;
    query.id = id;
    client_.query(std::move(query), [on_row = std::move(on_row)](Result<protocol::Answer> answer) {
        if (!answer) {
            on_row(tl::unexpected(answer.error()));
            return;
        }
        auto* const rows = std::get_if<std::vector<protocol::TaskRow>>(&answer->rows);
        if (rows == nullptr || rows->empty()) {
            on_row(std::nullopt);
            return;
        }
        on_row(std::optional(std::move(rows->front())));
    });
}

client::Submission Broker::submission_of(const char* type) const {
    client::Submission submission;
    submission.type = type;
    submission.options.durability = durability_;
    return submission;
}

}  // namespace penstock::gateway
