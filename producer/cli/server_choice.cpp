#include "producer/cli/server_choice.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace penstock::cli {
namespace {

using process::Origin;
using process::Setting;

Setting setting(const std::vector<Setting>& settings, const std::string& key) {
    const auto found = std::ranges::find(settings, key, &Setting::key);
    return found == settings.end() ? Setting() : *found;
}

Result<ServerChoice> choose_context(const std::string& name, const Contexts& contexts) {
    const SavedContext* const context = contexts.find(name);
    if (context == nullptr) {
        return fail(ErrorCode::not_found,
                    fmt::format("there is no context '{}': see `penstock context ls`, or save it "
                                "with `penstock context add {} SERVER`",
                                name, name));
    }
    return ServerChoice{context->server, name};
}

}  // namespace

Result<ServerChoice> choose_server(const std::vector<Setting>& settings,
                                   const std::function<Result<Contexts>()>& load) {
    const Setting server = setting(settings, "server");
    const Setting context = setting(settings, "context");
    if (server.origin == Origin::flag && context.origin == Origin::flag) {
        return fail(ErrorCode::malformed, "--server and --context both name a broker: give one");
    }
    if (server.origin != Origin::fallback && server.origin >= context.origin) {
        return ServerChoice{server.values.front(), {}};
    }
    const Result<Contexts> contexts = load();
    if (!contexts) {
        return tl::unexpected(contexts.error());
    }
    if (context.origin != Origin::fallback) {
        return choose_context(context.values.front(), *contexts);
    }
    if (!contexts->current.empty()) {
        return choose_context(contexts->current, *contexts);
    }
    return ServerChoice{server.values.front(), {}};
}

}  // namespace penstock::cli
