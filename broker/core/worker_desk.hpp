// What workers and reporters say, and what becomes of a worker's leases when it goes.
//
// Thread rule: free functions over the books, called by the scheduler's thread.
#pragma once

#include <optional>

#include "broker/core/books.hpp"

namespace penstock::broker {

// Why this worker cannot join; nothing if it can.
[[nodiscard]] std::optional<Error> objection_to(const Books& books, const protocol::Join& join);
// A worker joins, or comes back after its connection broke: then its held leases go on.
void handle_join(Books& books, SessionId session, const protocol::Join& join, Instant now);
// Records outcomes of current leases, refuses the others as stale; settles both.
void handle_outcomes(Books& books, WorkerIndex worker, const protocol::OutcomeBatch& batch,
                     Instant now);
void handle_returned(Books& books, WorkerIndex worker, const protocol::Returned& returned,
                     Instant now);
void handle_progress(Books& books, WorkerIndex worker, const protocol::Progress& progress);
// The process is dead: what had started in it is judged, the rest goes to others.
void handle_obituary(Books& books, SessionId session, const protocol::Obituary& obituary,
                     Instant now);

// Whichever worker has this session is given up, because somebody else speaks on it now. The
// session itself stays.
void vacate_session(Books& books, SessionId session, Instant now);
// The worker leaves by itself: its leases are given back.
void part_with_worker(Books& books, WorkerIndex worker, Instant now);
// The worker has not been heard of for too long.
void lose_worker(Books& books, WorkerIndex worker, Instant now);

}  // namespace penstock::broker
