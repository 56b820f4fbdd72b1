#include "broker/offline/commands.hpp"

namespace penstock::broker::offline {

void add_commands(CLI::App& app, Command& chosen) {
    app.require_subcommand(0, 1);
    add_check(app, chosen);
    add_dump(app, chosen);
    add_restore(app, chosen);
    add_salvage(app, chosen);
}

}  // namespace penstock::broker::offline
