#include "producer/cli/broker_access.hpp"

#include <algorithm>
#include <utility>

namespace penstock::cli {

using std::chrono::milliseconds;

Result<Connected> connect(const Globals& globals, milliseconds busy_timeout) {
    if (globals.no_server) {
        return tl::unexpected(*globals.no_server);
    }
    client::Options options;
    options.server = globals.server;
    options.name = "penstock";
    options.busy_timeout = busy_timeout;
    options.shm_bytes = globals.shm_bytes;
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

milliseconds answer_timeout(const Globals& globals) {
    // A question is answered at once or the broker is in trouble.
    constexpr milliseconds patience{30'000};
    return globals.timeout > milliseconds::zero() ? globals.timeout : patience;
}

Error no_answer(const Globals& globals) {
    return {ErrorCode::timed_out,
            "the broker at " + globals.server + " is there but does not answer"};
}

protocol::Query query_for(protocol::QueryKind what) {
    protocol::Query query;
    query.what = what;
    return query;
}

Result<protocol::Answer> ask(client::Client& client, const Globals& globals,
                             protocol::Query query) {
    return wait_for_answer(client.query(std::move(query)), globals);
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
