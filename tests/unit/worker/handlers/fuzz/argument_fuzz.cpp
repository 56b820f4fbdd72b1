#include "tests/unit/worker/handlers/fuzz/argument_fuzz.hpp"

#include <cstdlib>
#include <exception>
#include <new>
#include <optional>

#include "tests/unit/worker/sdk/fake_context.hpp"

namespace penstock::worker::fuzz {
namespace {

constexpr std::uint32_t seed = 20'240'701;
constexpr std::size_t complaints_max = 5;
// A handler that looks more often has been given more work than a valid sample has.
constexpr int looks_until_cancel = 200;

// The arguments as the handler gets them, or nothing if they cannot be read.
std::optional<Value> travelled(const Value& args, bool break_bytes, Mutator& mutator) {
    std::string bytes(as_text(msgpack_from_value(args).view()));
    if (break_bytes) {
        bytes = mutator.broken_bytes(std::move(bytes));
    }
    Result<Value> read = value_from_msgpack(as_byte_view(bytes));
    return read ? std::optional(std::move(*read)) : std::nullopt;
}

// One call; an exception is what a worker makes of it.
Result<Output> call(Handler handler, const Value& args, const std::string& payload) {
    FakeContext context;
    context.looks_until_cancel = looks_until_cancel;
    try {
        return handler({args, as_byte_view(payload)}, context);
    } catch (const std::bad_alloc&) {
        return fail(ErrorCode::failed, "out of memory");
    } catch (const std::exception& thrown) {
        return fail(ErrorCode::internal, std::string("threw ") + thrown.what());
    }
}

// What is wrong with an answer, or nothing.
std::string fault_of(const Result<Output>& output, bool valid) {
    if (output) {
        // It has to travel, too.
        return value_from_msgpack(msgpack_from_value(output->value).view()) ? "" : "unreadable";
    }
    const Error& error = output.error();
    const bool known = error.code == ErrorCode::rejected || error.code == ErrorCode::failed ||
                       error.code == ErrorCode::cancelled;
    return valid || !known || error.message.empty() ? "'" + error.message + "'" : "";
}

void count(Tally& tally, const Result<Output>& output, bool valid, const Value& args) {
    tally.valid += valid ? 1 : 0;
    ++(output ? tally.results : tally.errors);
    const std::string fault = fault_of(output, valid);
    if (!fault.empty() && tally.complaints.size() < complaints_max) {
        tally.complaints.push_back(fault + " for " + json_from_value(args).substr(0, 300));
    }
}

void play_round(const HandlerEntry& entry, const Samples& samples, Mutator& mutator, Tally& tally) {
    const Document& chosen = samples.documents[mutator.below(samples.documents.size())];
    if (mutator.below(2) == 0) {
        count(tally, call(entry.handler, chosen.args, chosen.payload), true, chosen.args);
        return;
    }
    const Document& other = samples.documents[mutator.below(samples.documents.size())];
    for (;;) {
        const Document broken = mutator.broken(chosen, other);
        const auto args = travelled(broken.args, mutator.below(8) == 0, mutator);
        if (!args) {
            ++tally.errors;
            return;
        }
        if (samples.too_costly == nullptr || !samples.too_costly(*args)) {
            count(tally, call(entry.handler, *args, broken.payload), false, *args);
            return;
        }
    }
}

}  // namespace

Tally play(const HandlerEntry& entry, const Samples& samples) {
    Mutator mutator(seed);
    Tally tally;
    for (int round = 0; round < samples.rounds; ++round) {
        play_round(entry, samples, mutator, tally);
    }
    return tally;
}

}  // namespace penstock::worker::fuzz
