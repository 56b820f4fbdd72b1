#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <string_view>

#include "common/model/task.hpp"
#include "common/transport/endpoint.hpp"
#include "producer/cli/command_tree.hpp"
#include "producer/cli/commands.hpp"
#include "producer/cli/contexts.hpp"

namespace penstock::cli {
namespace {

constexpr const char* context_add_examples = R"(
$ penstock context add production tcp://10.0.0.5:5750 --replace
Saved production in …/penstock/contexts.json. Use it with `penstock context use production`.
)";
constexpr const char* context_use_examples = R"(
$ penstock context add staging tcp://127.0.0.1:5750 --replace
…
$ penstock context use staging
Commands talk to tcp://127.0.0.1:5750 now.
$ penstock queue ls
…
$ penstock context use --none
Commands talk to the default server now.
)";
constexpr const char* context_use_remarks =
    "--server, --context, PENSTOCK_SERVER, PENSTOCK_CONTEXT and a --config FILE still win.";
constexpr const char* context_list_examples = R"(
$ penstock context add home tcp://127.0.0.1:5750 --use --replace
…
$ penstock context ls --json
[{"current":true,"name":"home","server":"tcp://127.0.0.1:5750"}…]
$ penstock context ls --names
home…
)";
constexpr const char* context_remove_examples = R"(
$ penstock context add old tcp://127.0.0.1:5750 --replace
…
$ penstock context rm old
Forgot old.
)";
constexpr const char* context_noun_examples = R"(
$ penstock context add home tcp://127.0.0.1:5750 --replace
…
$ penstock --context home queue ls
…
)";

struct AddOptions {
    std::string name;
    std::string server;
    bool use = false;
    bool replace = false;
};
struct UseOptions {
    std::string name;
    bool none = false;
};
struct RemoveOptions {
    std::string name;
};
struct ContextListOptions {
    bool names = false;
};

void describe_context_add(CLI::App& command, AddOptions& options) {
    command.add_option("NAME", options.name, "What it will be called")->required();
    command.add_option("SERVER", options.server, "The broker: tcp://HOST:PORT or ipc://PATH")
        ->required();
    command.add_flag("--use", options.use, "Use it from now on");
    command.add_flag("--replace", options.replace, "In the place of the one with this name");
    process::add_examples(command, {context_add_examples, ""});
}

void describe_context_use(CLI::App& command, UseOptions& options) {
    auto* const name = command.add_option("NAME", options.name, "The context to use from now on")
                           ->type_name(saved_context_kind);
    command.add_flag("--none", options.none, "Use none: the default server")->excludes(name);
    process::add_examples(command, {context_use_examples, context_use_remarks});
}

void describe_context_remove(CLI::App& command, RemoveOptions& options) {
    command.add_option("NAME", options.name, "The context to forget")
        ->type_name(saved_context_kind)
        ->required();
    process::add_examples(command, {context_remove_examples, ""});
}

void describe_context_list(CLI::App& command, ContextListOptions& options) {
    command.add_flag("--names", options.names, "Only the names, one a line");
    process::add_examples(command, {context_list_examples, ""});
}

Result<std::filesystem::path> find_file() {
    const auto path = contexts_path();
    if (!path) {
        return fail(ErrorCode::internal,
                    "neither XDG_CONFIG_HOME nor HOME says where contexts are kept");
    }
    return *path;
}

Result<void> check(const AddOptions& options, const Contexts& contexts) {
    if (!is_valid_name(options.name)) {
        return fail(ErrorCode::malformed, "NAME: '" + options.name +
                                              "' is no name: use 1 to 128 letters, digits and . _ "
                                              "- :");
    }
    if (const auto endpoint = transport::parse_server_endpoint(options.server); !endpoint) {
        return fail(ErrorCode::malformed, "SERVER: " + endpoint.error().message);
    }
    if (contexts.find(options.name) != nullptr && !options.replace) {
        return fail(ErrorCode::conflict, "there is a context '" + options.name +
                                             "' already: --replace puts this one "
                                             "in its place");
    }
    return {};
}

tl::unexpected<Error> unknown(const std::string& name) {
    return fail(ErrorCode::not_found,
                "there is no context '" + name + "': see `penstock context ls`");
}

// A socket's path is kept whole, since the context is used in other folders.
std::string lasting(const std::string& server) {
    constexpr std::string_view ipc = "ipc://";
    if (!server.starts_with(ipc)) {
        return server;
    }
    return std::string(ipc) + std::filesystem::absolute(server.substr(ipc.size())).string();
}

// What the environment says of a broker wins over the context in use: whoever chooses one wants to
// know.
std::string overruling() {
    for (const char* const name : {"PENSTOCK_SERVER", "PENSTOCK_CONTEXT"}) {
        const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
        if (value != nullptr && *value != '\0') {
            return fmt::format(" But {} is set here and wins: {}", name, value);
        }
    }
    return {};
}

// Changes the file, and says what has been done.
Result<std::string> add(const AddOptions& options, const std::filesystem::path& path) {
    const Result<void> changed = change_contexts(path, [&options](Contexts& contexts) {
        Result<void> fit = check(options, contexts);
        if (fit) {
            contexts.put({options.name, lasting(options.server)});
            contexts.current = options.use ? options.name : contexts.current;
        }
        return fit;
    });
    return changed.map([&] {
        return fmt::format("Saved {} in {}.{}", options.name, path.string(),
                           options.use
                               ? " It is in use now."
                               : " Use it with `penstock context use " + options.name + "`.");
    });
}

Result<std::string> use(const UseOptions& options, const std::filesystem::path& path) {
    if (options.name.empty() && !options.none) {
        return fail(ErrorCode::malformed, "NAME is missing; --none is for using no context");
    }
    std::string server = "the default server";
    const Result<void> changed = change_contexts(path, [&](Contexts& contexts) -> Result<void> {
        const SavedContext* const context = contexts.find(options.name);
        if (context == nullptr && !options.none) {
            return unknown(options.name);
        }
        server = context == nullptr ? server : context->server;
        contexts.current = options.name;
        return {};
    });
    return changed.map([&] { return "Commands talk to " + server + " now." + overruling(); });
}

Result<std::string> remove(const RemoveOptions& options, const std::filesystem::path& path) {
    const Result<void> changed = change_contexts(path, [&](Contexts& contexts) -> Result<void> {
        return contexts.remove(options.name) ? Result<void>() : unknown(options.name);
    });
    return changed.map([&] { return "Forgot " + options.name + "."; });
}

void print(const Contexts& contexts, const Output& output) {
    Value rows = Value::array();
    Table table({{"NAME"}, {"SERVER"}, {"IN USE"}});
    for (const SavedContext& context : contexts.saved) {
        const bool is_current = context.name == contexts.current;
        rows.push_back(
            {{"name", context.name}, {"server", context.server}, {"current", is_current}});
        table.add({context.name, context.server, is_current ? "yes" : ""});
    }
    if (output.json()) {
        output.value(rows);
    } else {
        output.table(table);
    }
}

void print_names(const Contexts& contexts, const Output& output) {
    Value names = Value::array();
    for (const SavedContext& context : contexts.saved) {
        names.push_back(context.name);
        if (!output.json()) {
            output.line(printable(context.name));
        }
    }
    if (output.json()) {
        output.value(names);
    }
}

int run_context_list(const ContextListOptions& options, const Globals&, const Output& output) {
    const Result<Contexts> contexts = find_file().and_then(load_contexts);
    if (!contexts) {
        return report(output, contexts.error());
    }
    if (options.names) {
        print_names(*contexts, output);
    } else {
        print(*contexts, output);
    }
    return exit_status(ExitCode::ok);
}

// A verb that changes the file.
template <typename Options,
          Result<std::string> (*change)(const Options&, const std::filesystem::path&)>
int run_change(const Options& options, const Globals&, const Output& output) {
    const Result<std::string> done =
        find_file().and_then([&](const auto& path) { return change(options, path); });
    if (!done) {
        return report(output, done.error());
    }
    output.note(*done);
    return exit_status(ExitCode::ok);
}

}  // namespace

void add_context(CLI::App& app, Selection& selection) {
    CLI::App& noun = add_noun(app, "context", "Save brokers by name, and choose among them",
                              context_noun_examples);
    add_command<AddOptions>(noun, selection, "add", "Save a broker's address under a name",
                            describe_context_add, run_change<AddOptions, add>);
    add_command<UseOptions>(noun, selection, "use", "Talk to this broker from now on",
                            describe_context_use, run_change<UseOptions, use>);
    add_command<ContextListOptions>(noun, selection, "ls", "List the saved brokers",
                                    describe_context_list, run_context_list);
    add_command<RemoveOptions>(noun, selection, "rm", "Forget a saved broker",
                               describe_context_remove, run_change<RemoveOptions, remove>);
}

}  // namespace penstock::cli
