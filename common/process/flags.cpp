#include "common/process/flags.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string_view>
#include <vector>

#include "common/process/units.hpp"

namespace penstock::process {
namespace {

constexpr std::string_view program_prefix = "penstock-";

std::string section_of(const CLI::App& app) {
    const std::string name = app.get_name();
    return name.starts_with(program_prefix) ? name.substr(program_prefix.size()) : std::string();
}

// PENSTOCK_WORKER_DRAIN_TIMEOUT for "drain-timeout" of section "worker".
std::string environment_name(const std::string& section, const std::string& key) {
    std::string name = "PENSTOCK_" + section + "_" + key;
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char letter) {
        return letter == '-' ? '_' : static_cast<char>(std::toupper(letter));
    });
    return name;
}

void name_environment(CLI::App& app) {
    const std::string section = section_of(app);
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

// One file may hold the sections of several programs: this one keeps its own. CLI11 lets the file
// win over the environment, so keys that the environment has set are dropped here, too.
class SectionConfig : public CLI::ConfigTOML {
  public:
    explicit SectionConfig(const CLI::App& app) : app_(app) {}

    std::vector<CLI::ConfigItem> from_config(std::istream& input) const override {
        const std::string section = section_of(app_);
        std::vector<CLI::ConfigItem> kept;
        for (CLI::ConfigItem& item : CLI::ConfigTOML::from_config(input)) {
            if (item.name == "++" || item.name == "--") {
                continue;
            }
            if (!section.empty()) {
                if (item.parents != std::vector<std::string>{section}) {
                    continue;
                }
                item.parents.clear();
            }
            if (!set_by_environment(item)) {
                kept.push_back(std::move(item));
            }
        }
        return kept;
    }

  private:
    bool set_by_environment(const CLI::ConfigItem& item) const {
        const CLI::Option* option =
            item.parents.empty() ? app_.get_option_no_throw("--" + item.name) : nullptr;
        if (option == nullptr || option->get_envname().empty()) {
            return false;
        }
        // Read before any thread starts, see the thread rule.
        const char* value = std::getenv(option->get_envname().c_str());  // NOLINT
        return value != nullptr && *value != '\0';
    }

    const CLI::App& app_;
};

std::string failure_text(const CLI::App* app, const CLI::Error& error) {
    const std::string name = app->get_name().empty() ? "penstock" : app->get_name();
    return name + ": " + error.what() + "\nRun '" + name + " --help' for the options.\n";
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

void apply_conventions(CLI::App& app, const std::string& examples) {
    app.set_version_flag("--version", app.get_name() + " " PENSTOCK_VERSION,
                         "Print the version and leave");
    app.set_help_flag("-h,--help", "Print this help and leave");
    app.set_config("--config", "", "Read options from this TOML file")->type_name("FILE");
    app.config_formatter(std::make_shared<SectionConfig>(app));
    app.allow_config_extras(CLI::config_extras_mode::error);
    app.failure_message(failure_text);
    app.get_formatter()->column_width(34);
    app.footer(examples);
}

std::optional<ExitCode> parse(CLI::App& app, int argc, const char* const* argv) {
    name_environment(app);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error, std::cout, std::cerr) == 0 ? ExitCode::ok : ExitCode::usage;
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

}  // namespace penstock::process
