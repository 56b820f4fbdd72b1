#include "bench/system/machine.hpp"

#include <fstream>
#include <sys/utsname.h>
#include <zmq.h>

#include "common/process/usable_cores.hpp"

namespace penstock::bench {
namespace {

std::string cpu_name() {
    std::ifstream file("/proc/cpuinfo");
    for (std::string line; std::getline(file, line);) {
        const std::size_t colon = line.find(": ");
        if (line.starts_with("model name") && colon != std::string::npos) {
            return line.substr(colon + 2);
        }
    }
    return {};
}

std::string kernel_name() {
    utsname names{};
    return ::uname(&names) == 0 ? std::string(names.sysname) + " " + names.release : "";
}

std::string zmq_name() {
    int major = 0;
    int minor = 0;
    int patch = 0;
    zmq_version(&major, &minor, &patch);
    return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

std::string load_averages() {
    std::ifstream file("/proc/loadavg");
    std::string one;
    std::string five;
    std::string fifteen;
    file >> one >> five >> fifteen;
    return one + " " + five + " " + fifteen;
}

}  // namespace

Machine this_machine() {
#ifdef __clang__
    const std::string compiler = "clang " __clang_version__;
#else
    const std::string compiler = "gcc " __VERSION__;
#endif
    return {process::usable_cores(), cpu_name(), kernel_name(), zmq_name(), compiler,
            load_averages()};
}

}  // namespace penstock::bench
