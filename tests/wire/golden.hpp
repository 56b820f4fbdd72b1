// Reads golden/*.txt: the bytes of one message for people and other languages.
//
// A file has "header:" or "body frame N:" in front of each frame, then hexadecimal bytes, one value
// in each line. "70 x 65537" is the byte 70, 65,537 times. What follows a # is a comment.
#pragma once

#include <set>
#include <string>

#include "common/protocol/codec.hpp"

namespace penstock::wire_test {

// Fails the test when there is no such file, or when it has another form.
[[nodiscard]] protocol::Frames read_golden(const std::string& name);
// The names of all files.
[[nodiscard]] std::set<std::string> golden_names();

}  // namespace penstock::wire_test
