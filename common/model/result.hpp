// The one spelling of "a value or an error".
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

#include "common/model/error.hpp"

namespace penstock {

template <typename T>
using Result = tl::expected<T, Error>;

// `return fail(ErrorCode::too_large, "...");` from any function that returns a Result.
[[nodiscard]] inline tl::unexpected<Error> fail(ErrorCode code, std::string message) {
    return tl::unexpected<Error>(Error{code, std::move(message)});
}

}  // namespace penstock
