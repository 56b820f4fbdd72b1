#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <memory>

#include "producer/cli/commands.hpp"
#include "producer/cli/program_settings.hpp"

namespace penstock::cli {
namespace {

using process::Setting;

constexpr const char* config_noun_examples = R"(
$ penstock config show --section worker
[worker]
broker = "tcp://127.0.0.1:5751"
…
)";
constexpr const char* config_show_examples = R"(
$ PENSTOCK_WORKER_PROCESSES=3 penstock config show --section worker --origin
KEY                   VALUE                 ORIGIN
worker.broker         tcp://127.0.0.1:5751  default
worker.processes      3                     environment PENSTOCK_WORKER_PROCESSES
…
# a file to begin with
$ penstock config show > penstock.toml
)";
constexpr const char* config_show_remarks =
    "Broker, worker and gateway are asked: what is shown is what they would find if they were "
    "started "
    "here,\n"
    "with the same environment and the same --config FILE.";

// The programs that have a section in the file.
constexpr std::array<const char*, 3> sections{"broker", "worker", "gateway"};

struct ShowOptions {
    bool origin = false;
    std::vector<std::string> sections;
};

struct Section {
    std::string name;  // empty: above all sections
    std::vector<Setting> settings;
};

void describe_config_show(CLI::App& command, ShowOptions& options) {
    command.add_flag("--origin", options.origin, "A table that says where each value came from");
    command.add_option("--section", options.sections, "Only this one; may be repeated")
        ->type_name("penstock|broker|worker|gateway");
    process::add_examples(command, {config_show_examples, config_show_remarks});
}

// What has named the server may be a saved context, of which the parser knows nothing.
std::vector<Setting> own_settings(const CLI::App& app, const Globals& globals) {
    std::vector<Setting> settings = process::settings_of(app);
    const auto server = std::ranges::find(settings, "server", &Setting::key);
    if (server != settings.end() && !globals.context.empty()) {
        server->values = {globals.server};
        server->origin = process::Origin::context;
        server->source = globals.context;
    }
    return settings;
}

Result<std::vector<Section>> collect(const CLI::App& app, const ShowOptions& options,
                                     const Globals& globals) {
    const auto is_wanted = [&](const std::string& name) {
        return options.sections.empty() || std::ranges::count(options.sections, name) > 0;
    };
    for (const std::string& name : options.sections) {
        if (name != app.get_name() && std::ranges::count(sections, name) == 0) {
            return fail(ErrorCode::malformed,
                        fmt::format("--section: there is no '{}'; there are "
                                    "{}, {}",
                                    name, app.get_name(), fmt::join(sections, ", ")));
        }
    }
    std::vector<Section> found;
    if (is_wanted(app.get_name())) {
        if (globals.no_server) {
            return tl::unexpected(*globals.no_server);
        }
        found.push_back({"", own_settings(app, globals)});
    }
    for (const std::string name : sections) {
        if (!is_wanted(name)) {
            continue;
        }
        auto settings = ask_for_settings(app.get_name() + "-" + name, globals.config);
        if (!settings) {
            return tl::unexpected(settings.error());
        }
        found.push_back({name, std::move(*settings)});
    }
    return found;
}

// As in the file: numbers and truth values are no text.
Value value_of(const Setting& setting) {
    if (setting.is_list) {
        return setting.values;
    }
    if (setting.values.empty()) {
        return nullptr;
    }
    const std::string& value = setting.values.front();
    return process::is_bare(value) ? *value_from_json(value) : Value(value);
}

void print_json(const std::vector<Section>& found, const Output& output) {
    Value rows = Value::array();
    for (const Section& section : found) {
        for (const Setting& setting : section.settings) {
            rows.push_back({{"section", section.name},
                            {"key", setting.key},
                            {"value", value_of(setting)},
                            {"origin", process::name(setting.origin)},
                            {"source", setting.source}});
        }
    }
    output.value(rows);
}

void print_origins(const std::vector<Section>& found, const Output& output) {
    Table table({{"KEY"}, {"VALUE"}, {"ORIGIN"}});
    for (const Section& section : found) {
        for (const Setting& setting : section.settings) {
            table.add({(section.name.empty() ? "" : section.name + ".") + setting.key,
                       fmt::format("{}", fmt::join(setting.values, ", ")),
                       process::origin_text(setting)});
        }
    }
    output.table(table);
}

void print_toml(const std::vector<Section>& found, const Output& output) {
    for (const Section& section : found) {
        if (!section.name.empty()) {
            output.text(&section == &found.front() ? "" : "\n");
            output.line("[" + section.name + "]");
        }
        for (const Setting& setting : section.settings) {
            output.line(process::toml_line(setting));
        }
    }
}

int show(const CLI::App& app, const ShowOptions& options, const Globals& globals,
         const Output& output) {
    const auto found = collect(app, options, globals);
    if (!found) {
        return report(output, found.error());
    }
    if (output.json()) {
        print_json(*found, output);
    } else if (options.origin) {
        print_origins(*found, output);
    } else {
        print_toml(*found, output);
    }
    return exit_status(ExitCode::ok);
}

}  // namespace

void add_config(CLI::App& app, Selection& selection) {
    CLI::App& noun = add_noun(app, "config", "Look at the configuration", config_noun_examples);
    add_command<ShowOptions>(
        noun, selection, "show", "Print every setting as TOML, or where it came from",
        describe_config_show,
        [&app](const ShowOptions& options, const Globals& globals, const Output& output) {
            return show(app, options, globals, output);
        });
}

}  // namespace penstock::cli
