#include "bench/system/rounds.hpp"

#include <cstdio>

namespace penstock::bench {

Result<Rounds> Turns::run(const std::string& label, const std::vector<Side>& sides) {
    Rounds rounds(sides.size());
    for (std::size_t round = 0; round <= rounds_; ++round) {
        static_cast<void>(std::fprintf(
            stderr, "penstock-bench: %s, %s\n", label.c_str(),
            round == 0
                ? "warming up"
                : ("round " + std::to_string(round) + " of " + std::to_string(rounds_)).c_str()));
        for (std::size_t turn = 0; turn < sides.size(); ++turn) {
            const std::size_t index = round % 2 == 0 ? turn : sides.size() - 1 - turn;
            Result<Measured> measured = once(label, sides[index]);
            if (!measured) {
                return tl::unexpected(measured.error());
            }
            if (round > 0) {
                rounds[index].push_back(std::move(*measured));
            }
        }
    }
    return rounds;
}

Result<Measured> Turns::once(const std::string& label, const Side& side) {
    if (signals_.next()) {
        return fail(ErrorCode::cancelled, "interrupted");
    }
    Measured measured = side();
    tally_.answers += measured.answers;
    tally_.faults += measured.faults;
    if (measured.answers == 0) {
        return fail(ErrorCode::unavailable, label + ": a whole run without one right answer");
    }
    return measured;
}

}  // namespace penstock::bench
