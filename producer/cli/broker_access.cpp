#include "producer/cli/broker_access.hpp"

#include <algorithm>
#include <utility>

namespace penstock::cli {
namespace {

using std::chrono::milliseconds;

// A question is answered at once or the broker is in trouble.
constexpr milliseconds answer_timeout{30'000};

}  // namespace

Result<Connected> connect(const Globals& globals, milliseconds busy_timeout) {
    client::Options options;
    options.server = globals.server;
    options.name = "penstock";
    options.busy_timeout = busy_timeout;
    if (globals.timeout > milliseconds::zero()) {
        options.connect_timeout = std::min(options.connect_timeout, globals.timeout);
    }
    Result<client::Client> client = client::Client::create(options);
    if (!client) {
        return tl::unexpected(client.error());
    }
    Result<client::BrokerTerms> terms = client->connect();
    if (!terms) {
        return tl::unexpected(terms.error());
    }
    return Connected{std::move(*client), std::move(*terms)};
}

protocol::Query query_for(protocol::QueryKind what) {
    protocol::Query query;
    query.what = what;
    return query;
}

Result<protocol::Answer> ask(client::Client& client, const Globals& globals,
                             protocol::Query query) {
    std::future<Result<protocol::Answer>> answer = client.query(std::move(query));
    const milliseconds timeout = std::max(globals.timeout, answer_timeout);
    if (answer.wait_for(timeout) != std::future_status::ready) {
        return fail(ErrorCode::timed_out,
                    "the broker at " + globals.server + " is there but does not answer");
    }
    return answer.get();
}

Result<std::size_t> count_cpu_slots(client::Client& client, const Globals& globals) {
    const auto rows =
        ask_all<protocol::WorkerRow>(client, globals, query_for(protocol::QueryKind::workers), 0);
    if (!rows) {
        return tl::unexpected(rows.error());
    }
    std::size_t slots = 0;
    for (const protocol::WorkerRow& row : *rows) {
        slots += row.draining ? 0 : row.slots.at(static_cast<std::size_t>(SlotClass::cpu));
    }
    return std::max<std::size_t>(slots, 1);
}

}  // namespace penstock::cli
