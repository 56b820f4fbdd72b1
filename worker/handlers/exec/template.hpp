// What exec.run may run: argument vectors with places for a task's values, as the worker's operator
// wrote them. Nothing here is ever read by a shell.
//
// Thread rule: values and free functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/model/result.hpp"
#include "common/protocol/value.hpp"

namespace penstock::worker::exec {

// One element of an argument vector: fixed text, and behind it perhaps a task's value.
struct Element {
    std::string text;
    std::string placeholder;  // the value's name; empty if there is none

    friend bool operator==(const Element&, const Element&) = default;
};

struct Template {
    std::string name;
    std::vector<Element> elements;  // the first is the program's path and has no placeholder

    friend bool operator==(const Template&, const Template&) = default;
};

// Reads NAME=ARGV, such as upper=["/usr/bin/tr","a-z","A-Z"]. "{width}" and "--width={width}" are
// places for the value called width; braces around anything that is no name are plain text.
// Errors: malformed, naming the template and the element.
[[nodiscard]] Result<Template> read_template(std::string_view text);

// Reads all that were given, one in each line of each text: an environment variable has but one
// text. Errors: as above; two of one name; more than templates_max.
[[nodiscard]] Result<std::vector<Template>> read_templates(const std::vector<std::string>& texts);

// The argument vector, each placeholder replaced by the task's value of its name. `values` is an
// object, or null for none. Errors: rejected, naming the value that is missing, unknown, no text or
// number, longer than element_bytes_max or not for an argument vector.
[[nodiscard]] Result<std::vector<std::string>> fill_in(const Template& chosen, const Value* values);

}  // namespace penstock::worker::exec
