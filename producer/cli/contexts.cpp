#include "producer/cli/contexts.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <utility>

#include "common/protocol/value.hpp"
#include "producer/cli/descriptor.hpp"
#include "producer/cli/files.hpp"
#include "producer/cli/write_files.hpp"

namespace penstock::cli {
namespace {

// Thousands of names.
constexpr std::size_t file_bytes_max = std::size_t{1} << 20U;

std::optional<std::filesystem::path> folder_from(const char* variable) {
    // Read before any thread starts, see the thread rule.
    const char* const value = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe)
    // A relative path is to be ignored, says the specification.
    if (value == nullptr || *value != '/') {
        return std::nullopt;
    }
    return std::filesystem::path(value);
}

Value contexts_to_json(const Contexts& contexts) {
    Value servers = Value::object();
    for (const SavedContext& context : contexts.saved) {
        servers[context.name] = {{"server", context.server}};
    }
    return {{"current", contexts.current}, {"contexts", std::move(servers)}};
}

std::optional<Contexts> from_json(const Value& value) {
    if (!value.is_object() || !value.contains("contexts") || !value["contexts"].is_object()) {
        return std::nullopt;
    }
    Contexts contexts;
    for (const auto& [name, context] : value["contexts"].items()) {
        if (!context.is_object() || !context.contains("server") || !context["server"].is_string()) {
            return std::nullopt;
        }
        contexts.saved.push_back({name, context["server"].get<std::string>()});
    }
    if (value.contains("current") && value["current"].is_string()) {
        contexts.current = value["current"].get<std::string>();
    }
    return contexts;
}

auto place_of(auto& saved, std::string_view name) {
    return std::ranges::lower_bound(saved, name, {}, &SavedContext::name);
}

}  // namespace

const SavedContext* Contexts::find(std::string_view name) const {
    const auto place = place_of(saved, name);
    return place != saved.end() && place->name == name ? &*place : nullptr;
}

void Contexts::put(SavedContext context) {
    const auto place = place_of(saved, context.name);
    if (place != saved.end() && place->name == context.name) {
        *place = std::move(context);
    } else {
        saved.insert(place, std::move(context));
    }
}

bool Contexts::remove(const std::string& name) {
    if (current == name) {
        current.clear();
    }
    return std::erase_if(saved, [&](const SavedContext& one) { return one.name == name; }) > 0;
}

std::optional<std::filesystem::path> contexts_path() {
    auto folder = folder_from("XDG_CONFIG_HOME");
    if (!folder) {
        folder = folder_from("HOME");
        if (!folder) {
            return std::nullopt;
        }
        *folder /= ".config";
    }
    return *folder / "penstock" / "contexts.json";
}

Result<Contexts> load_contexts(const std::filesystem::path& path) {
    std::error_code error;
    const std::filesystem::file_type type = std::filesystem::status(path, error).type();
    if (type == std::filesystem::file_type::not_found) {
        return Contexts();
    }
    if (error) {
        return cannot("read", path.string(), error.value());
    }
    if (type != std::filesystem::file_type::regular) {
        return fail(ErrorCode::internal, path.string() + " is no file: remove it");
    }
    const Result<std::string> text = read_text(path.string(), file_bytes_max);
    if (!text) {
        return fail(ErrorCode::internal, text.error().message);
    }
    const Result<Value> value = value_from_json(*text);
    std::optional<Contexts> contexts = value ? from_json(*value) : std::nullopt;
    if (!contexts) {
        return fail(ErrorCode::internal,
                    fmt::format("{} does not hold contexts ({}): mend or remove it", path.string(),
                                value ? "other content" : value.error().message));
    }
    return std::move(*contexts);
}

Result<void> change_contexts(const std::filesystem::path& path,
                             const std::function<Result<void>(Contexts&)>& change) {
    if (Result<void> made = make_folder(path.parent_path()); !made) {
        return made;
    }
    // A file of its own: the other one is replaced. Closing gives the lock back.
    const std::string lock_path = path.string() + ".lock";
    constexpr mode_t owner_only = 0600;
    const Descriptor lock(::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, owner_only));
    if (lock.number() < 0 || ::flock(lock.number(), LOCK_EX) != 0) {
        return cannot("lock", lock_path, errno);
    }
    Result<Contexts> contexts = load_contexts(path);
    if (!contexts) {
        return tl::unexpected(contexts.error());
    }
    if (Result<void> changed = change(*contexts); !changed) {
        return changed;
    }
    return write_result(path.string(),
                        as_byte_view(json_from_value(contexts_to_json(*contexts)) + "\n"));
}

}  // namespace penstock::cli
