// What producers may ask: submit, await, cancel, look.
//
// Thread rule: free functions over the books, called by the scheduler's thread.
#pragma once

#include "broker/core/books.hpp"

namespace penstock::broker {

// Accepts or refuses each task of the message; a known id is confirmed again and does not run
// again.
void handle_submit(Books& books, SessionId session, const protocol::Submit& submit, Instant now);
void handle_await(Books& books, SessionId session, const protocol::Await& await);
void handle_cancel(Books& books, SessionId session, const protocol::Cancel& cancel, Instant now);
// One page of what the broker knows (queries.cpp).
void handle_query(Books& books, SessionId session, const protocol::Query& query, Instant now);

}  // namespace penstock::broker
