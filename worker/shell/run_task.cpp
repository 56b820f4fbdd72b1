#include "worker/shell/run_task.hpp"

#include <exception>
#include <new>
#include <string>
#include <utility>

#include "common/protocol/value.hpp"
#include "worker/shell/result_check.hpp"

namespace penstock::worker {
namespace {

// The handlers' contract knows three codes; any other one would be a promise nobody gave.
Error as_outcome(Error error) {
    const bool known = error.code == ErrorCode::rejected || error.code == ErrorCode::failed ||
                       error.code == ErrorCode::cancelled;
    if (!known) {
        error.message.insert(0, std::string(name(error.code)) + ": ");
        error.code = ErrorCode::failed;
    }
    return error;
}

Result<Body> call(Handler handler, const Value& args, const Work& work, Context& context) {
    Result<Output> output = handler({args, work.body.payload.view()}, context);
    if (!output) {
        return tl::unexpected(as_outcome(std::move(output.error())));
    }
    if (const Result<void> checked = check_result(output->value); !checked) {
        return tl::unexpected(checked.error());
    }
    const bool no_value = output->value.is_null();
    return Body{no_value ? SharedBytes() : msgpack_from_value(output->value),
                std::move(output->payload)};
}

}  // namespace

Result<Body> run_handler(Handler handler, const Work& work, Context& context) {
    try {
        const Result<Value> args = value_from_msgpack(work.body.args.view());
        if (!args) {
            return fail(ErrorCode::rejected,
                        "the arguments cannot be read: " + args.error().message);
        }
        return call(handler, *args, work, context);
    } catch (const std::bad_alloc&) {
        return fail(ErrorCode::failed, work.type + " ran out of memory");
    } catch (const std::exception& thrown) {
        return fail(ErrorCode::failed, work.type + " threw: " + thrown.what());
    } catch (...) {
        return fail(ErrorCode::failed, work.type + " threw something that is no exception");
    }
}

Result<Body> run_task(const Catalog& catalog, const Work& work, Context& context) {
    const HandlerEntry* entry = catalog.find(work.type);
    if (entry == nullptr) {
        return fail(ErrorCode::no_handler, "this worker does not run '" + work.type + "'");
    }
    return run_handler(entry->handler, work, context);
}

}  // namespace penstock::worker
