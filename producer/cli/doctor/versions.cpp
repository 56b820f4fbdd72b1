#include "producer/cli/doctor/versions.hpp"

#include <array>
#include <fmt/format.h>

#include "common/protocol/message.hpp"
#include "common/transport/socket.hpp"
#include "producer/cli/programs.hpp"

namespace penstock::cli::doctor {
namespace {

// "penstock-broker 0.1.0"
std::string last_word(std::string text) {
    text.erase(text.find_last_not_of(" \n") + 1);
    return text.substr(text.find_last_of(' ') + 1);
}

}  // namespace

Finding judge_version(const std::string& whose, const std::string& version) {
    Finding finding{whose, Verdict::ok, version};
    if (version != PENSTOCK_VERSION) {
        finding.verdict = Verdict::warn;
        finding.found += fmt::format(", and this is penstock {}", PENSTOCK_VERSION);
        finding.advice =
            "install one version everywhere, brokers first: only what is of one version has been "
            "tested together";
    }
    return finding;
}

Findings check_programs() {
    Findings findings{{"penstock", Verdict::ok,
                       fmt::format("{}, protocol {}, libzmq {}", PENSTOCK_VERSION,
                                   protocol::version, transport::library_version())}};
    constexpr std::array programs{"penstock-broker", "penstock-worker", "penstock-gateway"};
    for (const char* const program : programs) {
        const Result<std::string> said = output_of(program, {"--version"});
        findings.push_back(said ? judge_version(program, last_word(*said))
                                : Finding{program, Verdict::skipped, said.error().message, ""});
    }
    return findings;
}

}  // namespace penstock::cli::doctor
