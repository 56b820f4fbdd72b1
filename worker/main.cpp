// penstock-worker: the handlers that come with Penstock.
#include "worker/handlers/catalog.hpp"
#include "worker/handlers/exec/offer.hpp"
#include "worker/shell/program.hpp"

int main(int argc, char** argv) {
    using namespace penstock::worker;
    return run(argc, argv, built_in_handlers,
               {{"--exec", "NAME=ARGV", "offer this command to exec.run; may be repeated",
                 exec::set_offer}});
}
