// The command line's ways to the broker: a client that follows the global flags, and questions.
//
// Thread rule: used by the command's thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <future>
#include <iterator>
#include <optional>
#include <variant>
#include <vector>

#include "producer/cli/output.hpp"
#include "producer/client/client.hpp"

namespace penstock::cli {

struct Connected {
    client::Client client;
    client::BrokerTerms terms;
};
// A client for --server that has reached its broker. `busy_timeout` as in client::Options.
// Errors: unavailable (within --timeout, at most 5 s), version, malformed (--server).
[[nodiscard]] Result<Connected> connect(const Globals& globals,
                                        std::chrono::milliseconds busy_timeout = {});

// What a broker gets to answer a question: --timeout if it is set, or 30 s.
[[nodiscard]] std::chrono::milliseconds answer_timeout(const Globals& globals);
[[nodiscard]] Error no_answer(const Globals& globals);

// The answer to a question that is on its way. Errors: its own, and timed_out.
template <typename T>
[[nodiscard]] Result<T> wait_for_answer(std::future<Result<T>> answer, const Globals& globals) {
    if (answer.wait_for(answer_timeout(globals)) != std::future_status::ready) {
        return tl::unexpected(no_answer(globals));
    }
    return answer.get();
}

[[nodiscard]] protocol::Query query_for(protocol::QueryKind what);
// One question, one answer. Errors: unavailable, timed_out.
[[nodiscard]] Result<protocol::Answer> ask(client::Client& client, const Globals& globals,
                                           protocol::Query query);

// All rows of a query that match, over all its pages, at most `limit` (0: all).
template <typename Row>
[[nodiscard]] Result<std::vector<Row>> ask_all(client::Client& client, const Globals& globals,
                                               protocol::Query query, std::size_t limit) {
    // The broker's largest page.
    constexpr std::size_t page_max = 1000;
    std::vector<Row> rows;
    do {
        query.limit = limit == 0 ? page_max : std::min(page_max, limit - rows.size());
        Result<protocol::Answer> answer = ask(client, globals, query);
        if (!answer) {
            return tl::unexpected(answer.error());
        }
        if (auto* page = std::get_if<std::vector<Row>>(&answer->rows)) {
            std::ranges::move(*page, std::back_inserter(rows));
        }
        query.cursor = answer->next_cursor;
    } while (query.cursor != 0 && (limit == 0 || rows.size() < limit));
    return rows;
}

// The cpu slots of all worker processes that take tasks, at least 1.
[[nodiscard]] Result<std::size_t> count_cpu_slots(client::Client& client, const Globals& globals);

}  // namespace penstock::cli
