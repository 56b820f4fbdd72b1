// A worker whose handlers note what runs, in PENSTOCK_CHAOS_RUNS/PID.jsonl.
#include <atomic>
#include <memory>
#include <string>

#include "common/model/slot_ref.hpp"
#include "tests/chaos/json_lines.hpp"
#include "tests/chaos/payload_letters.hpp"
#include "worker/sdk/arguments.hpp"
#include "worker/shell/program.hpp"

namespace penstock::chaos {
namespace {

JsonLines& run_log() {
    // One for the process, opened by its first run; the handlers themselves hold no state.
    static JsonLines log(std::string(std::getenv("PENSTOCK_CHAOS_RUNS")) + "/" +
                         std::to_string(::getpid()) + ".jsonl");
    return log;
}

// Notes that the attempt starts, and returns the name of this run: no other has it, here or in
// another process of the same folder.
std::string note_start(const worker::Context& context) {
    static std::atomic<std::uint64_t> runs = 0;
    const std::string run = std::to_string(::getpid()) + "-" + std::to_string(++runs) + "-" +
                            std::to_string(Instant::read().unix_ms);
    Value line = event("start");
    line.update({{"id", to_text(context.task())},
                 {"epoch", context.epoch().value},
                 {"attempt", context.attempt()},
                 {"pid", ::getpid()},
                 {"run", run}});
    run_log().note(line);
    return run;
}

void note_end(const std::string& run) {
    Value line = event("end");
    line["run"] = run;
    run_log().note(line);
}

// {"n": N, "ms": M}: takes so long, unless it is cancelled. Gives n, the name of the run and how
// many bytes of the payload were right then; and a payload that is large.
Result<worker::Output> work(const worker::Input& input, worker::Context& context) {
    const std::string run = note_start(context);
    worker::Arguments arguments(input.args);
    const std::int64_t number = arguments.integer("n", {0, INT64_MAX});
    const std::int64_t ms = arguments.integer("ms", {0, 60'000});
    if (const Result<void> checked = arguments.check(); !checked) {
        return tl::unexpected(checked.error());
    }
    const bool cancelled = context.wait_for_cancel(std::chrono::milliseconds(ms));
    note_end(run);
    if (cancelled) {
        return fail(ErrorCode::cancelled, "cancelled");
    }
    const std::uint64_t right =
        input.payload.size() - wrong_bytes(input.payload, static_cast<std::uint64_t>(number));
    SharedBytes back;
    if (input.payload.size() >= shared_body_min_bytes) {
        back = SharedBytes::copy_of(input.payload);
    }
    return worker::Output{.value = {{"n", number}, {"run", run}, {"bytes", right}},
                          .payload = std::move(back)};
}

// {"n": N, "mb": M}: the same, holding M MiB of touched memory.
Result<worker::Output> hog(const worker::Input& input, worker::Context& context) {
    const std::string run = note_start(context);
    worker::Arguments arguments(input.args);
    const std::int64_t number = arguments.integer("n", {0, INT64_MAX});
    const std::int64_t mb = arguments.integer("mb", {1, 65'536});
    if (const Result<void> checked = arguments.check(); !checked) {
        return tl::unexpected(checked.error());
    }
    const std::string memory(static_cast<std::size_t>(mb) << 20U, 'x');
    note_end(run);
    return worker::Output{.value = {{"n", number}, {"run", run}, {"bytes", memory.size()}},
                          .payload = {}};
}

}  // namespace
}  // namespace penstock::chaos

int main(int argc, char** argv) {
    using penstock::SlotClass;
    if (std::getenv("PENSTOCK_CHAOS_RUNS") == nullptr) {
        std::fputs("chaos-worker: PENSTOCK_CHAOS_RUNS must name a folder\n", stderr);
        return 2;
    }
    return penstock::worker::run(argc, argv,
                                 {{"chaos.work", SlotClass::cpu, penstock::chaos::work},
                                  {"chaos.wait", SlotClass::wait, penstock::chaos::work},
                                  {"chaos.hog", SlotClass::cpu, penstock::chaos::hog}});
}
