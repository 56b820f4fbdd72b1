#include "producer/client/values.hpp"

#include <string>
#include <utility>

#include "producer/client/client.hpp"

namespace penstock::client {

NewTask make_task(const Value& args, SharedBytes payload) {
    return {new_task_id(), {msgpack_from_value(args), std::move(payload)}};
}

Result<Value> value_of(const Result<TaskResult>& ended) {
    if (!ended) {
        return tl::unexpected(ended.error());
    }
    if (ended->error) {
        return tl::unexpected(*ended->error);
    }
    if (ended->state != TaskState::completed) {
        return fail(ErrorCode::failed, "the task is " + std::string(name(ended->state)));
    }
    return value_from_msgpack(ended->output.args.view());
}

}  // namespace penstock::client
