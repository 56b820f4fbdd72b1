#include "worker/handlers/exec/template.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "common/model/task.hpp"
#include "worker/handlers/exec/limits.hpp"

namespace penstock::worker::exec {
namespace {

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

// The name in "{name" + "}" at `open`, or nothing if something else stands there.
std::optional<std::string_view> name_in_braces(std::string_view text, std::size_t open) {
    const std::size_t close = text.find('}', open);
    if (close == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view name = text.substr(open + 1, close - open - 1);
    const bool is_name =
        !name.empty() && is_letter(name.front()) && std::ranges::all_of(name, [](char c) {
            return is_letter(c) || (c >= '0' && c <= '9') || c == '-';
        });
    return is_name ? std::optional(name) : std::nullopt;
}

Result<Element> read_element(const std::string& text) {
    if (text.size() > element_bytes_max) {
        return fail(ErrorCode::malformed, "it has " + std::to_string(text.size()) +
                                              " bytes; allowed " +
                                              std::to_string(element_bytes_max));
    }
    if (text.find('\0') != std::string::npos) {
        return fail(ErrorCode::malformed, "a zero byte would end it early");
    }
    for (std::size_t open = text.find('{'); open != std::string::npos;
         open = text.find('{', open + 1)) {
        const std::optional<std::string_view> name = name_in_braces(text, open);
        if (!name) {
            continue;
        }
        const bool begins_well = open == 0 || text[open - 1] == '=';
        if (!begins_well || open + name->size() + 2 != text.size()) {
            return fail(ErrorCode::malformed,
                        "{" + std::string(*name) + "} must be all of it, or its end behind '='");
        }
        return Element{text.substr(0, open), std::string(*name)};
    }
    return Element{text, {}};
}

Result<std::vector<Element>> read_elements(const Value& argv) {
    std::vector<Element> elements;
    for (const Value& text : argv) {
        const std::string where = "element " + std::to_string(elements.size()) + ": ";
        if (!text.is_string()) {
            return fail(ErrorCode::malformed, where + "it is no text");
        }
        Result<Element> element = read_element(text.get_ref<const std::string&>());
        if (!element) {
            return fail(ErrorCode::malformed, where + element.error().message);
        }
        elements.push_back(std::move(*element));
    }
    // No search through PATH, and no program that a task chooses.
    if (!elements.front().text.starts_with('/') || !elements.front().placeholder.empty()) {
        return fail(ErrorCode::malformed, "element 0: it must be the whole path of a program");
    }
    return elements;
}

// What a task's value puts into the argument vector.
Result<std::string> text_of_value(const std::string& name, const Value& value) {
    const std::string field = "arguments." + name + ": ";
    if (!value.is_string() && !value.is_number()) {
        return fail(ErrorCode::rejected, field + text_of(value) + " is neither text nor a number");
    }
    std::string text = value.is_string() ? value.get<std::string>() : json_from_value(value);
    if (text.size() > element_bytes_max) {
        return fail(ErrorCode::rejected, field + "the text has " + std::to_string(text.size()) +
                                             " bytes; allowed 0.." +
                                             std::to_string(element_bytes_max));
    }
    if (text.find('\0') != std::string::npos) {
        return fail(ErrorCode::rejected, field + "a zero byte cannot stand in an argument");
    }
    return text;
}

Result<void> check_known(const Template& chosen, const Value& values) {
    if (!values.is_object()) {
        return fail(ErrorCode::rejected, "arguments: " + text_of(values) +
                                             " is not an object with the values of '" +
                                             chosen.name + "'");
    }
    for (const auto& [name, value] : values.items()) {
        if (std::ranges::find(chosen.elements, name, &Element::placeholder) ==
                chosen.elements.end() ||
            name.empty()) {
            return fail(ErrorCode::rejected, "arguments: the command '" + chosen.name +
                                                 "' has no place for " + text_of(Value(name)));
        }
    }
    return {};
}

}  // namespace

Result<Template> read_template(std::string_view text) {
    const std::size_t equals = text.find('=');
    const std::string name(text.substr(0, equals));
    if (equals == std::string_view::npos || !is_valid_name(name)) {
        return fail(ErrorCode::malformed, "'" + std::string(text) +
                                              "' is not NAME=ARGV, such as "
                                              R"(upper=["/usr/bin/tr","a-z","A-Z"])");
    }
    const Result<Value> argv = value_from_json(text.substr(equals + 1));
    if (!argv) {
        return fail(ErrorCode::malformed, name + ": " + argv.error().message);
    }
    if (!argv->is_array() || argv->empty() || argv->size() > elements_max) {
        return fail(ErrorCode::malformed,
                    name + ": not an array of 1 to " + std::to_string(elements_max) + " texts");
    }
    Result<std::vector<Element>> elements = read_elements(*argv);
    if (!elements) {
        return fail(ErrorCode::malformed, name + ": " + elements.error().message);
    }
    return Template{name, std::move(*elements)};
}

Result<std::vector<Template>> read_templates(const std::vector<std::string>& texts) {
    std::vector<Template> templates;
    for (const std::string& text : texts) {
        for (std::size_t start = 0; start < text.size();) {
            const std::size_t end = std::min(text.find('\n', start), text.size());
            const std::string_view line = std::string_view(text).substr(start, end - start);
            start = end + 1;
            if (line.empty()) {
                continue;
            }
            Result<Template> read = read_template(line);
            if (!read) {
                return tl::unexpected(read.error());
            }
            if (std::ranges::find(templates, read->name, &Template::name) != templates.end()) {
                return fail(ErrorCode::malformed, "'" + read->name + "' is there twice");
            }
            templates.push_back(std::move(*read));
        }
    }
    if (templates.size() > templates_max) {
        return fail(ErrorCode::malformed, "there are " + std::to_string(templates.size()) +
                                              " commands; allowed " +
                                              std::to_string(templates_max));
    }
    return templates;
}

Result<std::vector<std::string>> fill_in(const Template& chosen, const Value* values) {
    static const Value none = Value::object();
    const Value& given = values == nullptr ? none : *values;
    if (const Result<void> known = check_known(chosen, given); !known) {
        return tl::unexpected(known.error());
    }
    std::vector<std::string> argv;
    for (const Element& element : chosen.elements) {
        argv.push_back(element.text);
        if (element.placeholder.empty()) {
            continue;
        }
        const auto value = given.find(element.placeholder);
        if (value == given.end()) {
            return fail(ErrorCode::rejected, "arguments." + element.placeholder +
                                                 ": missing; the command '" + chosen.name +
                                                 "' needs it");
        }
        const Result<std::string> text = text_of_value(element.placeholder, *value);
        if (!text) {
            return tl::unexpected(text.error());
        }
        argv.back() += *text;
    }
    return argv;
}

}  // namespace penstock::worker::exec
