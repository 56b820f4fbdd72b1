// The contract between Penstock and the code that does the work.
//
// A handler is a free function: input and context in, output or error out. It may run more than
// once for a task (after a crash or a lost connection), so what it does outside its output must
// stand being done twice.
//
// Thread rule: several threads of one process may run the same handler at once, so it holds no
// state of its own. An Input and a Context belong to the attempt's thread, until it returns.
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
    ByteView payload{};
};

// What goes back: a value, raw bytes, or both. The value must be one that clients can read: at most
// value_depth_max levels and value_count_max values (protocol/value.hpp), and every text and key
// UTF-8; bytes that are no text are Value::binary(), or the payload. Anything else ends the task as
// rejected, with a message that says which of these it was.
struct Output {
    Value value{};
    SharedBytes payload{};
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
    // The life of the broker that gave this attempt. Numbers of attempts may repeat in another
    // life; the pair (epoch, attempt) grows with each attempt of a task, so who is handed it can
    // refuse what an older attempt still does (a fencing token).
    [[nodiscard]] virtual Epoch epoch() const = 0;
    // When the process will be killed if the handler still runs.
    [[nodiscard]] virtual TimePoint deadline() const = 0;
    // Blocks for `duration`, or until the attempt is cancelled. True if it was cancelled: return
    // soon then, the process is killed after a grace period.
    virtual bool wait_for_cancel(Duration duration) = 0;
    [[nodiscard]] bool cancelled() { return wait_for_cancel(Duration::zero()); }
    // Tells whoever looks how far it is: `fraction` in 0..1, `note` at most 200 bytes. Cheap to
    // call often; only the latest is sent.
    virtual void progress(double fraction, std::string_view note) = 0;
    // One line in the worker's log, with the task's id and attempt in front.
    virtual void log(std::string_view text) = 0;
};

using Handler = Result<Output> (*)(const Input& input, Context& context);

// A type that a worker offers to run.
struct HandlerEntry {
    std::string_view
        type;  // a valid name (model/task.hpp), such as "text.shout"; outlives the worker
    SlotClass slot_class = SlotClass::cpu;
    Handler handler = nullptr;
};

}  // namespace penstock::worker
