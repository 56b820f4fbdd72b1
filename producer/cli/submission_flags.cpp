#include "producer/cli/submission_flags.hpp"

#include <fmt/format.h>

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
}

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
    return submission;
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
