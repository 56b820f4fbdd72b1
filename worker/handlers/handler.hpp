// The contract between Penstock and the code that does the work.
//
// A handler is a free function: input and context in, output or error out. It holds no state of
// its own; several threads of one process may run it at once.
//
// Errors: ErrorCode::rejected means "this input will never work" and ends the task at once;
// ErrorCode::failed means "another attempt may succeed" and is retried. An exception counts as
// failed, std::bad_alloc included.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "common/model/bytes.hpp"
#include "common/model/ids.hpp"
#include "common/model/result.hpp"
#include "common/model/task.hpp"
#include "common/model/time.hpp"
#include "common/protocol/value.hpp"

namespace penstock::worker {

// What the producer sent. Valid until the handler returns.
struct Input {
    const Value& args;
    ByteView payload;
};

// What goes back: a value, raw bytes, or both.
struct Output {
    Value value;
    SharedBytes payload;
};

// One attempt, as seen from inside it.
class Context {
  public:
    Context() = default;
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;
    virtual ~Context() = default;

    [[nodiscard]] virtual const TaskId& task() const = 0;
    // 1 for the first run.
    [[nodiscard]] virtual std::uint32_t attempt() const = 0;
    // When the process will be killed if the handler still runs.
    [[nodiscard]] virtual TimePoint deadline() const = 0;
    // Blocks for `duration`, or until the attempt is cancelled. True if it was cancelled: return
    // soon then, the process is killed after a grace period.
    virtual bool wait_for_cancel(Duration duration) = 0;
    [[nodiscard]] bool cancelled() { return wait_for_cancel(Duration::zero()); }
    // Tells whoever looks how far it is: `fraction` in 0..1, `note` at most 200 bytes. Cheap to
    // call often; only the latest is sent.
    virtual void progress(double fraction, std::string_view note) = 0;
};

using Handler = Result<Output> (*)(const Input& input, Context& context);

}  // namespace penstock::worker
