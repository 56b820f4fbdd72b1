#include <algorithm>
#include <iostream>

#include "tests/support/catch.hpp"
#include "tests/unit/worker/handlers/fuzz/sample_documents.hpp"
#include "worker/handlers/catalog.hpp"
#include "worker/handlers/exec/offer.hpp"

namespace penstock::worker::fuzz {
namespace {

// Every type but those that misbehave by design.
std::vector<HandlerEntry> all_handlers() {
    REQUIRE(exec::set_offer({exec_template}).has_value());
    std::vector<HandlerEntry> handlers = built_in_handlers();
    std::erase_if(handlers, [](const auto& entry) { return entry.type.starts_with("test."); });
    return handlers;
}

void check(const Samples& samples, const Tally& tally) {
    for (const std::string& complaint : tally.complaints) {
        UNSCOPED_INFO(complaint);
    }
    CHECK(tally.complaints.empty());
    CHECK(tally.results + tally.errors == samples.rounds);
    // Half of the documents were valid, and broken ones were broken enough to be refused.
    CHECK(tally.valid > samples.rounds * 45 / 100);
    CHECK(tally.valid < samples.rounds * 55 / 100);
    CHECK(tally.errors > samples.rounds / 10);
}

TEST_CASE("whatever arguments and payload a handler gets, it gives a result or an error") {
    const std::vector<Samples> table = sample_documents();
    for (const HandlerEntry& entry : all_handlers()) {
        const auto samples = std::ranges::find(table, entry.type, &Samples::type);
        INFO(entry.type << " needs a row in sample_documents.cpp");
        REQUIRE(samples != table.end());
        const Tally tally = play(entry, *samples);
        std::cout << entry.type << ": " << samples->rounds << " documents, " << tally.valid
                  << " of them valid, " << tally.results << " results" << std::endl;
        check(*samples, tally);
    }
}

TEST_CASE("a handler that throws on what it does not expect is found") {
    const HandlerEntry careless{"careless", SlotClass::cpu, [](const Input& input, Context&) {
                                    return Result<Output>(Output{input.args.at("n"), {}});
                                }};
    const Tally tally = play(careless, {"careless", {{{{"n", 1}}, ""}}, 1'000});
    REQUIRE_FALSE(tally.complaints.empty());
    CHECK(tally.complaints.front().starts_with("'threw "));
}

}  // namespace
}  // namespace penstock::worker::fuzz
