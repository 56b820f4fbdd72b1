#include "worker/handlers/exec/offer.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace penstock::worker::exec {
namespace {

// What a command needs to find its files, its language and its time zone. Everything else may hold
// what only the worker should know.
constexpr const char* passed_on[] = {"PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR"};

std::vector<std::string> short_environment() {
    std::vector<std::string> environment;
    for (const char* name : passed_on) {
        // Read before any thread starts, see the thread rule.
        const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
        if (value != nullptr) {
            environment.push_back(std::string(name) + "=" + value);
        }
    }
    return environment;
}

Offer& the_offer() {
    static Offer offer;
    return offer;
}

}  // namespace

const Template* Offer::find(std::string_view name) const {
    const auto found = std::ranges::find(templates, name, &Template::name);
    return found == templates.end() ? nullptr : &*found;
}

Result<void> set_offer(const std::vector<std::string>& texts) {
    Result<std::vector<Template>> templates = read_templates(texts);
    if (!templates) {
        return tl::unexpected(templates.error());
    }
    the_offer() = {std::move(*templates), short_environment()};
    return {};
}

const Offer& offer() {
    return the_offer();
}

}  // namespace penstock::worker::exec
