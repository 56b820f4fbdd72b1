// What the clients of NATS core and of JetStream have in common.
#pragma once

#include <nats/nats.h>

#include "bench/peers/clients/repetition.hpp"

namespace penstock::peers {

inline void check(natsStatus status, const char* what) {
    if (status != NATS_OK) {
        give_up(std::string(what) + ": " + natsStatus_GetText(status));
    }
}

// "asap" writes each message at once, which is best for one task at a time. "buffered" leaves it to
// a thread that wakes up about every millisecond, which is best for thousands.
inline natsConnection* connect(const std::string& port, std::string_view mode) {
    natsOptions* options = nullptr;
    natsConnection* connection = nullptr;
    check(natsOptions_Create(&options), "options");
    check(natsOptions_SetURL(options, ("nats://127.0.0.1:" + port).c_str()), "address");
    check(natsOptions_SetSendAsap(options, mode == "asap"), "mode");
    check(natsConnection_Connect(&connection, options), "connect");
    natsOptions_Destroy(options);
    return connection;
}

inline std::string_view text_of(natsMsg* message) {
    return {natsMsg_GetData(message), static_cast<std::size_t>(natsMsg_GetDataLength(message))};
}

// The results of the mode's workers; the window bounds how many can wait here.
inline natsSubscription* results_of(natsConnection* connection, const std::string& subject) {
    natsSubscription* results = nullptr;
    check(natsConnection_SubscribeSync(&results, connection, subject.c_str()), "subscribe");
    check(natsSubscription_SetPendingLimits(results, -1, -1), "limits");
    check(natsConnection_Flush(connection), "flush");
    return results;
}

// Waits for one result, and not for ever.
inline void take_result(natsSubscription* results, Repetition& repetition) {
    constexpr std::int64_t milliseconds = 100;
    natsMsg* message = nullptr;
    const natsStatus status = natsSubscription_NextMsg(&message, results, milliseconds);
    if (status == NATS_OK) {
        repetition.take(text_of(message));
        natsMsg_Destroy(message);
    } else if (status != NATS_TIMEOUT) {
        check(status, "result");
    }
}

}  // namespace penstock::peers
