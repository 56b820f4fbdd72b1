// Whether a client can read what a handler gives back. Checked before it travels: a result that
// nobody can read must not count as completed.
//
// Thread rule: a free function over values.
#pragma once

#include "common/model/result.hpp"
#include "common/protocol/value.hpp"

namespace penstock::worker {

// Errors: rejected, with what the handler did wrong: deeper than value_depth_max, more than
// value_count_max values, text that is not UTF-8. One walk over the value.
[[nodiscard]] Result<void> check_result(const Value& value);

}  // namespace penstock::worker
