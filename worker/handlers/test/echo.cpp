#include "worker/sdk/handler.hpp"

namespace penstock::worker::test {

// Gives back what it gets, value and payload: the least that a task can be, for measuring what
// everything around it costs.
Result<Output> echo(const Input& input, Context& /*context*/) {
    return Output{input.args, SharedBytes::copy_of(input.payload)};
}

}  // namespace penstock::worker::test
