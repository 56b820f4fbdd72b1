// Misbehaviour on demand, for the tests of everything around a handler. Listed only in a worker
// that was started with PENSTOCK_TEST_HANDLERS=1, never in a product.
//
// Thread rule: as in handler.hpp.
#pragma once

#include "worker/handlers/handler.hpp"

namespace penstock::worker::test {

// {"signal": 9}: sends that signal to its own process.
[[nodiscard]] Result<Output> crash(const Input& input, Context& context);
// {}: always ends with ErrorCode::failed. {"until_attempt": N}: the first N attempts do, the next
// one gives {"attempt": its number}.
[[nodiscard]] Result<Output> fail_attempt(const Input& input, Context& context);
// {"mb": N}: holds N MiB of touched memory for a moment. Gives {"mb": N}.
[[nodiscard]] Result<Output> hog(const Input& input, Context& context);

}  // namespace penstock::worker::test
