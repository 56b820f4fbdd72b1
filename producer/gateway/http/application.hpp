// What the HTTP server asks of the program behind it.
#pragma once

#include <memory>
#include <optional>
#include <variant>

#include "common/model/bytes.hpp"
#include "common/model/time.hpp"
#include "producer/gateway/core/head.hpp"
#include "producer/gateway/http/reply.hpp"

namespace penstock::gateway::http {

// Somebody who waits for a reply. Thread rule: any thread.
class Caller {
  public:
    virtual ~Caller() = default;
    // The first answer counts. Nothing happens if the caller has gone.
    virtual void answer(Reply reply) = 0;
};

// One request on its way through the program.
//
// Thread rule: receive() and finish() come from a thread of the server, the others from any of its
// threads, but all of them one after the other. None may block.
class Visit {
  public:
    virtual ~Visit() = default;
    // The next bytes of the body, valid during the call. A problem ends the request at once: it is
    // told, and neither receive() nor finish() is called again.
    [[nodiscard]] virtual std::optional<Problem> receive(ByteView bytes) = 0;
    // The body is complete: `caller` waits from now on. Returns until when at most.
    [[nodiscard]] virtual TimePoint finish(std::shared_ptr<Caller> caller) = 0;
    // That time has come, and there is no answer yet: give one, or say until when at most it takes.
    // Called a second time then, or if the server stops earlier, it has to give one.
    [[nodiscard]] virtual std::optional<TimePoint> run_late() = 0;
    // The caller has gone, or was refused, before an answer; nothing more is called.
    virtual void abandon() = 0;
};

class Application {
  public:
    virtual ~Application() = default;
    // The head of a request is there: a reply, or how it goes on. Must not block.
    // Thread rule: called by all threads of the server at once.
    [[nodiscard]] virtual std::variant<Reply, std::shared_ptr<Visit>> begin(const Head& head) = 0;
    // A request has ended; for the access log. Same rule.
    virtual void ended(const std::string& line) = 0;
};

}  // namespace penstock::gateway::http
