#include "bench/system/payload_side.hpp"
#include "bench/system/workloads.hpp"

namespace penstock::bench {
namespace {

constexpr std::size_t payload_window = 8;

}  // namespace

Result<std::vector<PayloadRow>> run_payload(PenstockSide& penstock, Turns& turns,
                                            const std::vector<std::size_t>& sizes,
                                            Duration duration) {
    Result<std::unique_ptr<PayloadSide>> shared = PayloadSide::connect(penstock.frontend(), true);
    Result<std::unique_ptr<PayloadSide>> framed = PayloadSide::connect(penstock.frontend(), false);
    if (!shared || !framed) {
        return tl::unexpected(shared ? framed.error() : shared.error());
    }
    std::vector<PayloadRow> rows;
    for (const std::size_t size : sizes) {
        const PayloadSource source(size);
        const Load load{.window = payload_window, .duration = duration};
        const std::string label = "payload, " + std::to_string(size) + " bytes";
        Result<Rounds> rounds = turns.run(label, {[&] { return copy_payloads(load, source); },
                                                  [&] { return (*framed)->send(load, source); },
                                                  [&] { return (*shared)->send(load, source); }});
        if (!rounds) {
            return tl::unexpected(rounds.error());
        }
        const auto gigabytes_per_s = [size](const Measured& measured) {
            return measured.per_second() * static_cast<double>(size) / 1e9;
        };
        const std::vector<double> copies = figures(rounds->at(0), gigabytes_per_s);
        const std::vector<double> frames = figures(rounds->at(1), gigabytes_per_s);
        const std::vector<double> memory = figures(rounds->at(2), gigabytes_per_s);
        rows.push_back({size, compare(memory, frames), compare(memory, copies)});
    }
    return rows;
}

}  // namespace penstock::bench
