#include "bench/system/roles.hpp"

#include <cstdio>

namespace penstock::bench {

int run_role(const std::string& role, const std::vector<std::string>& arguments) {
    if (role == "proxy" && arguments.size() == 2) {
        run_proxy(arguments[0], arguments[1]);
    }
    if (role == "echo" && arguments.size() == 2) {
        run_echo(arguments[0], arguments[1]);
    }
    if (role == "resize" && arguments.size() == 3) {
        return run_resize(arguments[0], arguments[1], arguments[2]);
    }
    static_cast<void>(std::fprintf(stderr, "penstock-bench: no role '%s'\n", role.c_str()));
    return 2;
}

}  // namespace penstock::bench
