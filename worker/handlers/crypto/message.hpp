// What all types of this folder take in the same way.
//
// Thread rule: free functions over values.
#pragma once

#include "common/model/result.hpp"
#include "worker/sdk/arguments.hpp"
#include "worker/sdk/handler.hpp"

namespace penstock::worker::crypto {

// Arguments that are no object are rejected here, unlike by Arguments without showing them: whoever
// forgets the braces around a password has still sent a password.
[[nodiscard]] Result<void> check_object(const Value& args);

// The bytes to work on: the payload, or the field "text" where there is no payload. Neither means
// no bytes, which have a digest, too. Both, or more than `bytes_max`, is a mistake that
// arguments.check() tells. Valid as long as the input.
[[nodiscard]] ByteView read_message(const Input& input, Arguments& arguments,
                                    std::size_t bytes_max);

}  // namespace penstock::worker::crypto
