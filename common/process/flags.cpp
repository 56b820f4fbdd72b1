#include "common/process/flags.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string_view>
#include <vector>

#include "common/process/man_page.hpp"
#include "common/process/settings.hpp"
#include "common/process/units.hpp"

namespace penstock::process {
namespace {

constexpr const char* settings_flag = "--settings";

// PENSTOCK_WORKER_DRAIN_TIMEOUT for "drain-timeout" of section "worker".
std::string environment_name(const std::string& section, const std::string& key) {
    std::string name = "PENSTOCK_" + section + "_" + key;
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char letter) {
        return letter == '-' ? '_' : static_cast<char>(std::toupper(letter));
    });
    return name;
}

// --man prints the manual page. Hidden: it is for the build, which installs the pages.
void add_man_flag(CLI::App& app, const std::string& section) {
    app.add_flag_callback("--man",
                          [&app, section] {
                              std::string page = man_page(app, section);
                              page.pop_back();  // printed as a version is, with a line's end
                              throw CLI::CallForVersion(page, 0);
                          })
        ->trigger_on_parse()
        ->configurable(false)
        ->group("");
}

// One file may hold the sections of several programs: this one keeps its own, or, if it has none,
// what stands above all sections. CLI11 lets the file
// win over the environment, so keys that the environment has set are dropped here, too.
class SectionConfig : public CLI::ConfigTOML {
  public:
    SectionConfig(const CLI::App& app, std::string section)
        : app_(app), section_(std::move(section)) {}

    [[nodiscard]] const std::string& section() const { return section_; }

    std::vector<CLI::ConfigItem> from_config(std::istream& input) const override {
        const std::vector<std::string> own(section_.empty() ? 0 : 1, section_);
        std::vector<CLI::ConfigItem> kept;
        for (CLI::ConfigItem& item : CLI::ConfigTOML::from_config(input)) {
            check_section(item);
            if (item.name == "++" || item.name == "--" || item.parents != own) {
                continue;
            }
            item.parents.clear();
            if (!set_by_environment(item) && !is_ignored(item)) {
                kept.push_back(std::move(item));
            }
        }
        return kept;
    }

  private:
    // A misspelt section would be ignored without a word.
    void check_section(const CLI::ConfigItem& item) const {
        const std::array<std::string, 5> known{"broker", "worker", "gateway", "bench", section_};
        if (!item.parents.empty() && std::ranges::count(known, item.parents.front()) == 0) {
            throw CLI::ConfigError("the file has a section [" + item.parents.front() +
                                   "], of which nobody knows; there are broker, worker, gateway, "
                                   "bench");
        }
    }

    // As CLI11 will: a file may name an option by its short name, too.
    const CLI::Option* find(const std::string& key) const {
        for (const std::string& name : {"--" + key, "-" + key, key}) {
            if (const CLI::Option* option = app_.get_option_no_throw(name)) {
                return option;
            }
        }
        return nullptr;
    }

    // Left to CLI11 2.4, the value of a key that is to be ignored would become an argument.
    bool is_ignored(const CLI::ConfigItem& item) const {
        return app_.get_allow_config_extras() == CLI::config_extras_mode::ignore &&
               find(item.name) == nullptr;
    }

    bool set_by_environment(const CLI::ConfigItem& item) const {
        const CLI::Option* option = find(item.name);
        if (option == nullptr || option->get_envname().empty()) {
            return false;
        }
        // Read before any thread starts, see the thread rule.
        const char* value = std::getenv(option->get_envname().c_str());  // NOLINT
        return value != nullptr && *value != '\0';
    }

    const CLI::App& app_;
    std::string section_;
};

void name_environment(CLI::App& app) {
    const auto config = std::dynamic_pointer_cast<SectionConfig>(app.get_config_formatter());
    const std::string section = config == nullptr ? std::string() : config->section();
    if (section.empty()) {
        return;
    }
    for (CLI::Option* option : app.get_options()) {
        if (option->get_configurable() && option->get_envname().empty() &&
            !option->get_lnames().empty()) {
            option->envname(environment_name(section, option->get_lnames().front()));
        }
    }
}

// CLI11 takes "[a,b]" for a list wherever several values may stand, but it may be the name of a
// file. This sign in front of the bracket hides it until it is one value.
constexpr char bracket_guard = '\x01';

// "[a,b]" and "--flag=[a,b]".
std::string guard_bracket(std::string argument) {
    const std::size_t equals = argument.starts_with("--") ? argument.find('=') : std::string::npos;
    const std::size_t value = equals == std::string::npos ? 0 : equals + 1;
    if (value < argument.size() && argument[value] == '[') {
        argument.insert(value, 1, bracket_guard);
    }
    return argument;
}

// For a terminal: without what would draw on it, and without guards.
std::string printable(std::string text) {
    std::erase(text, bracket_guard);
    std::ranges::replace_if(
        text, [](unsigned char letter) { return std::iscntrl(letter) != 0 && letter != '\n'; },
        '?');
    return text;
}

// Every option of the app and its commands takes the guard off again.
void take_guards_off(CLI::App& app) {
    for (CLI::Option* option : app.get_options()) {
        option->transform([](std::string text) {
            const bool guarded = text.starts_with(std::string{bracket_guard, '['});
            return guarded ? text.substr(1) : text;
        });
    }
    for (CLI::App* command : app.get_subcommands([](CLI::App*) { return true; })) {
        take_guards_off(*command);
    }
}

// CLI11 of Debian 12 reads no environment for the option that names the file. The arguments are in
// the order from the last to the first.
void add_config_of_environment(std::vector<std::string>& arguments) {
    const bool is_given = std::ranges::any_of(arguments, [](const std::string& argument) {
        return argument == "--config" || argument.starts_with("--config=");
    });
    // Read before any thread starts, see the thread rule.
    const char* const path = std::getenv("PENSTOCK_CONFIG");  // NOLINT
    if (!is_given && path != nullptr && *path != '\0') {
        arguments.insert(arguments.end(), {path, "--config"});
    }
}

// CLI11 2.4 passes over a variable whose value an option refuses, where 2.3 reports it: a setting
// that somebody made must not be ignored without a word.
void read_passed_over_environment(CLI::App& app) {
    for (CLI::Option* option : app.get_options()) {
        // Read before any thread starts, see the thread rule.
        const char* const value = option->count() > 0 || option->get_envname().empty()
                                      ? nullptr
                                      : std::getenv(option->get_envname().c_str());  // NOLINT
        if (value != nullptr && *value != '\0') {
            option->add_result(value);
            option->run_callback();
        }
    }
    for (CLI::App* command : app.get_subcommands()) {
        read_passed_over_environment(*command);
    }
}

// "penstock task" for what follows `penstock task`.
const CLI::App& innermost_command(const CLI::App& app, std::string& path) {
    path += app.get_name();
    const std::vector<CLI::App*> named = app.get_subcommands();
    return named.empty() ? app : innermost_command(*named.front(), path += " ");
}

// CLI11 would only say that a subcommand is required.
std::string missing_command(const std::vector<std::string>& unknown) {
    if (unknown.empty()) {
        return "a command is missing";
    }
    const std::string& word = unknown.front();
    return "there is no " + std::string(word.starts_with('-') ? "option" : "command") + " '" +
           word + "'";
}

// "INI was not able to parse servr" says neither where nor what.
std::string file_error(const CLI::App& app, const std::string& what) {
    constexpr std::string_view unknown_key = "INI was not able to parse ";
    if (!what.starts_with(unknown_key)) {
        return what;
    }
    return app.get_config_ptr()->as<std::string>() + ": there is no key '" +
           what.substr(unknown_key.size()) + "' here";
}

std::string failure_text(const CLI::App* app, const CLI::Error& error) {
    std::string path;
    const CLI::App& command = innermost_command(*app, path);
    const bool has_no_command =
        error.get_exit_code() == static_cast<int>(CLI::ExitCodes::RequiredError) &&
        command.get_require_subcommand_min() > 0;
    // What a command does not know falls through to the program.
    const std::string what =
        has_no_command ? missing_command(app->remaining()) : file_error(*app, error.what());
    return app->get_name() + ": " + printable(what) + "\nRun '" + path +
           " --help' for what there is.\n";
}

// A string option with a reader behind it: `read` returns an error text or an empty one.
template <typename Read>
CLI::Option* add_read_option(CLI::App& app, const std::string& name, const std::string& help,
                             Read read) {
    CLI::Option* option = app.add_option_function<std::string>(
        name, [read](const std::string& text) { static_cast<void>(read(text)); }, help);
    // Checked, too, so that a bad value is reported with the option's name in front.
    return option->check(CLI::Validator([read](std::string& text) { return read(text); }, ""));
}

}  // namespace

void apply_conventions(CLI::App& app, const std::string& section, const Examples& examples) {
    app.set_version_flag("--version", app.get_name() + " " PENSTOCK_VERSION,
                         "Print the version and leave");
    app.set_help_flag("-h,--help", "Print this help and leave");
    add_man_flag(app, section);
    app.set_config("--config", "", "Read options from this TOML file")->type_name("FILE");
    app.config_formatter(std::make_shared<SectionConfig>(app, section));
    if (!section.empty()) {
        app.add_flag(settings_flag)->group("")->configurable(false);
    }
    app.allow_config_extras(CLI::config_extras_mode::error);
    app.failure_message(failure_text);
    app.get_formatter()->column_width(34);
    add_examples(app, examples);
}

std::optional<ExitCode> parse(CLI::App& app, int argc, const char* const* argv) {
    name_environment(app);
    take_guards_off(app);
    std::vector<std::string> arguments;
    for (int index = argc - 1; index > 0; --index) {
        arguments.push_back(guard_bracket(argv[index]));
    }
    add_config_of_environment(arguments);
    try {
        app.parse(std::move(arguments));  // from the last to the first, as CLI11 wants them
        read_passed_over_environment(app);
    } catch (const CLI::ParseError& error) {
        return app.exit(error, std::cout, std::cerr) == 0 ? ExitCode::ok : ExitCode::usage;
    }
    const CLI::Option* const tell_settings = app.get_option_no_throw(settings_flag);
    if (tell_settings != nullptr && tell_settings->count() > 0) {
        std::cout << write_settings(settings_of(app));
        return ExitCode::ok;
    }
    return std::nullopt;
}

CLI::Option* add_duration(CLI::App& app, const std::string& name, std::chrono::milliseconds& target,
                          const std::string& help) {
    const auto read = [&target](const std::string& text) {
        const auto duration = parse_duration(text);
        if (!duration) {
            return duration.error().message;
        }
        target = *duration;
        return std::string();
    };
    return add_read_option(app, name, help, read)
        ->type_name("DURATION")
        ->default_str(duration_text(target));
}

CLI::Option* add_size(CLI::App& app, const std::string& name, std::uint64_t& target_bytes,
                      const std::string& help) {
    const auto read = [&target_bytes](const std::string& text) {
        const auto size = parse_size(text);
        if (!size) {
            return size.error().message;
        }
        target_bytes = *size;
        return std::string();
    };
    return add_read_option(app, name, help, read)
        ->type_name("SIZE")
        ->default_str(size_text(target_bytes));
}

CLI::Option* add_size_or_auto(CLI::App& app, const std::string& name,
                              std::optional<std::uint64_t>& target_bytes, const std::string& help) {
    const auto read = [&target_bytes](const std::string& text) {
        if (text == "auto") {
            target_bytes.reset();
            return std::string();
        }
        const auto size = parse_size(text);
        if (!size) {
            return size.error().message + ", or auto";
        }
        target_bytes = *size;
        return std::string();
    };
    return add_read_option(app, name, help, read)->type_name("SIZE|auto")->default_str("auto");
}

}  // namespace penstock::process
