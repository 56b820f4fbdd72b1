#include "producer/cli/submission_flags.hpp"

#include <fmt/format.h>

#include "common/process/units.hpp"
#include "common/protocol/value.hpp"

namespace penstock::cli {

void add_submission_flags(CLI::App& command, SubmissionFlags& flags) {
    command.add_option("TYPE", flags.type, "What handler runs it, such as math.double")->required();
    command.add_option("--queue", flags.queue, "The queue to wait in")->capture_default_str();
    command
        .add_option("--durability", flags.durability, "How safe it must be before it is accepted")
        ->type_name("memory|disk|replicated")
        ->capture_default_str();
    command
        .add_option("--max-attempts", flags.max_attempts,
                    "Runs in all before it is dead (0: the broker's default, 5)")
        ->check(CLI::Range(0U, 1'000'000U));
    process::add_duration(command, "--time-limit", flags.time_limit,
                          "Longest run of one attempt (0: the broker's default, 10m)");
    process::add_duration(command, "--backoff", flags.backoff,
                          "Wait before the second attempt, doubled for each after it (0: the "
                          "broker's default, 1s)");
    auto* const delay = process::add_duration(command, "--delay", flags.delay,
                                              "Wait so long before the first attempt");
    command
        .add_option("--at", flags.at,
                    "Wait for this time before the first attempt, such as 2030-12-24T18:00:00Z")
        ->type_name("TIME")
        ->excludes(delay);
    command
        .add_option("--expires", flags.expires,
                    "Give it up if it has not started after so long, such as 10m, or at this time")
        ->type_name("DURATION|TIME");
}

namespace {

// "10m" or "2030-12-24T18:00:00Z".
Result<void> read_expiry(const std::string& text, TaskOptions& options) {
    const Result<std::chrono::milliseconds> after = process::parse_duration(text);
    if (after && after->count() > 0) {
        options.expires_in = *after;
        return {};
    }
    const Result<std::int64_t> at = process::parse_time(text);
    if (!at) {
        return fail(ErrorCode::malformed,
                    fmt::format("--expires '{}' is neither a duration such as 10m nor a time such "
                                "as 2030-12-24T18:00:00Z",
                                text));
    }
    options.expires_at = *at;
    return {};
}

Result<void> read_times(const SubmissionFlags& flags, TaskOptions& options) {
    options.delay = flags.delay;
    if (!flags.at.empty()) {
        const Result<std::int64_t> at = process::parse_time(flags.at);
        if (!at) {
            return fail(ErrorCode::malformed, "--at " + at.error().message);
        }
        options.run_at = *at;
    }
    return flags.expires.empty() ? Result<void>() : read_expiry(flags.expires, options);
}

}  // namespace

Result<client::Submission> read_submission(const SubmissionFlags& flags) {
    for (const auto& [what, text] : {std::pair<const char*, const std::string&>("TYPE", flags.type),
                                     {"--queue", flags.queue}}) {
        if (!is_valid_name(text)) {
            return fail(ErrorCode::malformed,
                        fmt::format("{} '{}' is no name: use 1 to {} of A-Z a-z 0-9 . _ - :", what,
                                    text, name_bytes_max));
        }
    }
    const std::optional<Durability> durability = durability_from_name(flags.durability);
    if (!durability) {
        return fail(
            ErrorCode::malformed,
            fmt::format("--durability '{}' is none of memory, disk, replicated", flags.durability));
    }
    client::Submission submission{flags.type, flags.queue, {}};
    submission.options.durability = *durability;
    submission.options.max_attempts = flags.max_attempts;
    submission.options.time_limit = flags.time_limit;
    submission.options.backoff_base = flags.backoff;
    return read_times(flags, submission.options).map([&] { return submission; });
}

Result<SharedBytes> read_args(const std::string& json, const std::string& what) {
    if (json.empty()) {
        return SharedBytes();
    }
    return value_from_json(json)
        .map([](const Value& value) { return msgpack_from_value(value); })
        .map_error([&](const Error& error) {
            return Error{ErrorCode::malformed, what + ": " + error.message};
        });
}

}  // namespace penstock::cli
