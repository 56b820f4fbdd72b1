// What this worker may run by exec.run, and in which environment.
//
// A handler is a free function without state, so what the operator allows must lie somewhere that
// it finds. It lies here, set once and never changed again; docs/decisions/0004-*.md weighs the
// other places.
//
// Thread rule: set_offer() once in main(), before any thread starts; offer() from any thread after.
#pragma once

#include <string>
#include <vector>

#include "common/model/result.hpp"
#include "worker/handlers/exec/template.hpp"

namespace penstock::worker::exec {

struct Offer {
    std::vector<Template> templates;       // empty: exec.run is not offered
    std::vector<std::string> environment;  // NAME=VALUE, of the few names that commands get

    // The template of that name, or null. Valid as long as this object.
    [[nodiscard]] const Template* find(std::string_view name) const;
};

// Takes what `--exec` said, and the environment as it is now. Errors: malformed (see
// read_templates()); what was offered before is then offered still.
[[nodiscard]] Result<void> set_offer(const std::vector<std::string>& texts);

[[nodiscard]] const Offer& offer();

}  // namespace penstock::worker::exec
