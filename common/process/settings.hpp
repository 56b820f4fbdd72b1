// What each option of a program is set to, and where that came from.
//
// Thread rule: values; settings_of reads the environment, so call it before any thread starts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/model/result.hpp"
#include "common/process/flags.hpp"

namespace penstock::process {

// From the weakest to the strongest. `context`: a saved context of the command line's.
enum class Origin : unsigned char { fallback, context, file, environment, flag };

// "default", "context", "file", "environment", "flag".
[[nodiscard]] std::string_view name(Origin origin);

struct Setting {
    std::string key;                       // as in the file: "drain-timeout"
    std::vector<std::string> values = {};  // as they were given; none: not set
    bool is_list = false;                  // may have several values
    Origin origin = Origin::fallback;
    std::string source =
        {};  // the path of the file, the variable, or the flag; empty for a default

    friend bool operator==(const Setting&, const Setting&) = default;
};

// The options of the app that a file may set, in the order of the help, without those of its
// commands. Requires: parse() has ended without an exit code.
[[nodiscard]] std::vector<Setting> settings_of(const CLI::App& app);

// "default", "file /etc/penstock.toml", "environment PENSTOCK_SERVER", "flag --server".
[[nodiscard]] std::string origin_text(const Setting& setting);

// Whether a value stands in a file without quotes: a number, or true or false.
[[nodiscard]] bool is_bare(const std::string& value);

// One line of TOML that a file may hold: `key = "value"`. A setting without a value is a comment,
// and so is one with a value that the reader of the file would misunderstand.
[[nodiscard]] std::string toml_line(const Setting& setting);

// How one program tells another (the hidden flag --settings): a line per setting.
[[nodiscard]] std::string write_settings(const std::vector<Setting>& settings);
// Errors: malformed.
[[nodiscard]] Result<std::vector<Setting>> read_settings(std::string_view text);

}  // namespace penstock::process
