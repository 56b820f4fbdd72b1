#include "common/process/settings.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iterator>
#include <utility>

namespace penstock::process {
namespace {

constexpr std::array<std::pair<Origin, std::string_view>, 5> origin_names{
    {{Origin::fallback, "default"},
     {Origin::context, "context"},
     {Origin::file, "file"},
     {Origin::environment, "environment"},
     {Origin::flag, "flag"}}};

bool is_set_by_environment(const CLI::Option& option) {
    // Read before any thread starts, see the thread rule.
    const char* const value = std::getenv(option.get_envname().c_str());  // NOLINT
    return value != nullptr && *value != '\0';
}

void find_origin(const CLI::App& app, const CLI::Option& option, Setting& setting) {
    // What the command line gave, and nothing else, is in the order of parsing.
    if (std::ranges::count(app.parse_order(), &option) > 0) {
        setting.origin = Origin::flag;
        setting.source = "--" + setting.key;
    } else if (!option.get_envname().empty() && is_set_by_environment(option)) {
        setting.origin = Origin::environment;
        setting.source = option.get_envname();
    } else if (option.count() > 0) {
        setting.origin = Origin::file;
        setting.source = app.get_config_ptr()->as<std::string>();
    }
}

std::vector<std::string> split_all(std::string_view text, char separator) {
    std::vector<std::string> parts;
    while (true) {
        const std::size_t end = text.find(separator);
        parts.emplace_back(text.substr(0, end));
        if (end == std::string_view::npos) {
            return parts;
        }
        text.remove_prefix(end + 1);
    }
}

// CLI11 keeps the default of a list as "[a,b]".
std::vector<std::string> default_values(const CLI::Option& option, const Setting& setting) {
    if (option.get_items_expected_max() == 0) {
        return {"false"};
    }
    std::string text = option.get_default_str();
    if (setting.is_list && text.starts_with('[') && text.ends_with(']')) {
        text = text.substr(1, text.size() - 2);
        return text.empty() ? std::vector<std::string>() : split_all(text, ',');
    }
    return text.empty() ? std::vector<std::string>() : std::vector<std::string>{text};
}

// A variable has its list in lines.
std::vector<std::string> lines_of(const std::vector<std::string>& values) {
    std::vector<std::string> lines;
    for (const std::string& value : values) {
        std::ranges::move(split_all(value, '\n'), std::back_inserter(lines));
    }
    return lines;
}

Setting setting_of(const CLI::App& app, const CLI::Option& option) {
    Setting setting;
    setting.key = option.get_lnames().front();
    setting.is_list = option.get_items_expected_max() > 1;
    find_origin(app, option, setting);
    setting.values =
        setting.origin == Origin::fallback ? default_values(option, setting) : option.results();
    if (setting.origin == Origin::environment && setting.is_list) {
        setting.values = lines_of(setting.values);
    }
    return setting;
}

// CLI11 reads no escapes, so quotes of both kinds, and line ends, find no place in a file.
bool is_readable(const std::string& value) {
    const bool has_line_end = value.find_first_of("\n\r") != std::string::npos;
    const bool has_both_quotes =
        value.find('"') != std::string::npos && value.find('\'') != std::string::npos;
    return !has_line_end && !has_both_quotes;
}

// A text in single quotes is taken literally, and may hold all but those.
std::string toml_value(const std::string& value) {
    if (is_bare(value)) {
        return value;
    }
    const bool is_plain = value.find_first_of("\"\\") == std::string::npos;
    return is_plain ? '"' + value + '"' : '\'' + value + '\'';
}

constexpr char field_end = '\t';

// A field without the signs that end fields and lines.
std::string escaped(std::string_view text) {
    std::string result;
    for (const char letter : text) {
        switch (letter) {
            case '\\': result += "\\\\"; break;
            case '\t': result += "\\t"; break;
            case '\n': result += "\\n"; break;
            default: result += letter;
        }
    }
    return result;
}

std::string unescaped(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\' || i + 1 == text.size()) {
            result += text[i];
            continue;
        }
        const char letter = text[++i];
        result += letter == 't' ? '\t' : letter == 'n' ? '\n' : letter;
    }
    return result;
}

Result<Setting> read_setting(std::string_view line) {
    // key, kind, origin, source
    constexpr std::size_t fields_min = 4;
    std::vector<std::string> fields = split_all(line, field_end);
    std::ranges::transform(fields, fields.begin(), unescaped);
    if (fields.size() < fields_min) {
        return fail(ErrorCode::malformed, "a setting of too few fields");
    }
    const auto origin = std::ranges::find(
        origin_names, fields[2], [](const auto& named) { return std::string(named.second); });
    if (origin == origin_names.end()) {
        return fail(ErrorCode::malformed, "a setting of no known origin: " + fields[2]);
    }
    return Setting{fields[0],
                   {fields.begin() + fields_min, fields.end()},
                   fields[1] == "list",
                   origin->first,
                   fields[3]};
}

}  // namespace

std::string_view name(Origin origin) {
    for (const auto& [value, text] : origin_names) {
        if (value == origin) {
            return text;
        }
    }
    return "?";
}

std::vector<Setting> settings_of(const CLI::App& app) {
    std::vector<Setting> settings;
    for (const CLI::Option* option : app.get_options()) {
        const bool is_shown = !option->get_group().empty();
        if (is_shown && option->get_configurable() && !option->get_lnames().empty()) {
            settings.push_back(setting_of(app, *option));
        }
    }
    return settings;
}

std::string origin_text(const Setting& setting) {
    std::string text(name(setting.origin));
    return setting.source.empty() ? text : text + " " + setting.source;
}

bool is_bare(const std::string& value) {
    constexpr std::size_t digits_max = 18;  // of any 64-bit number
    const bool is_number = !value.empty() && value.size() <= digits_max &&
                           value.find_first_not_of("0123456789") == std::string::npos &&
                           (value.size() == 1 || value.front() != '0');
    return is_number || value == "true" || value == "false";
}

std::string toml_line(const Setting& setting) {
    if (setting.values.empty()) {
        return "# " + setting.key + " =";
    }
    if (!std::ranges::all_of(setting.values, is_readable)) {
        return "# " + setting.key + ": its quotes or line ends cannot stand in a file";
    }
    if (!setting.is_list) {
        return setting.key + " = " + toml_value(setting.values.front());
    }
    std::string list;
    for (const std::string& value : setting.values) {
        list += (list.empty() ? "" : ", ") + toml_value(value);
    }
    return setting.key + " = [" + list + "]";
}

std::string write_settings(const std::vector<Setting>& settings) {
    std::string text;
    for (const Setting& setting : settings) {
        text += escaped(setting.key) + field_end + (setting.is_list ? "list" : "value") +
                field_end + std::string(name(setting.origin)) + field_end + escaped(setting.source);
        for (const std::string& value : setting.values) {
            text += field_end + escaped(value);
        }
        text += '\n';
    }
    return text;
}

Result<std::vector<Setting>> read_settings(std::string_view text) {
    std::vector<Setting> settings;
    for (const std::string& line : split_all(text, '\n')) {
        if (line.empty()) {
            continue;
        }
        Result<Setting> setting = read_setting(line);
        if (!setting) {
            return tl::unexpected(setting.error());
        }
        settings.push_back(std::move(*setting));
    }
    return settings;
}

}  // namespace penstock::process
