// What one check of `penstock doctor` has found.
//
// Thread rule: values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::cli::doctor {

enum class Verdict : std::uint8_t {
    ok,
    skipped,  // could not be looked at here; that is never ok
    warn,     // works, and will disappoint
    fail,     // a promise cannot be kept
};
[[nodiscard]] constexpr std::string_view name(Verdict verdict) {
    switch (verdict) {
        case Verdict::ok: return "ok";
        case Verdict::skipped: return "skipped";
        case Verdict::warn: return "warn";
        case Verdict::fail: return "fail";
    }
    return "unknown";
}

struct Finding {
    std::string check;  // "disk sync"
    Verdict verdict = Verdict::ok;
    std::string found;
    std::string advice = {};  // what to do; empty if nothing is
};
using Findings = std::vector<Finding>;

}  // namespace penstock::cli::doctor
