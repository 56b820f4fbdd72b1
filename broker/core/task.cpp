#include "broker/core/task.hpp"

#include <algorithm>
#include <array>

#include "common/model/assert.hpp"
#include "common/model/text.hpp"

namespace penstock::broker {
namespace {

using enum TaskState;

constexpr std::array<Transition, 16> table{{
    {queued, Trigger::postpone, scheduled},
    {scheduled, Trigger::wake, queued},
    {scheduled, Trigger::cancel, cancelled},
    {scheduled, Trigger::expire, expired},
    {queued, Trigger::dispatch, active},
    {queued, Trigger::cancel, cancelled},
    {queued, Trigger::give_up, dead},
    {queued, Trigger::expire, expired},
    {active, Trigger::complete, completed},
    {active, Trigger::give_back, queued},
    {active, Trigger::retry, retrying},
    {active, Trigger::give_up, dead},
    {active, Trigger::cancel, cancelled},
    {retrying, Trigger::wake, queued},
    {retrying, Trigger::cancel, cancelled},
    {retrying, Trigger::expire, expired},
}};

}  // namespace

std::string_view name(Trigger trigger) {
    switch (trigger) {
        case Trigger::postpone: return "postpone";
        case Trigger::dispatch: return "dispatch";
        case Trigger::give_back: return "give_back";
        case Trigger::complete: return "complete";
        case Trigger::retry: return "retry";
        case Trigger::wake: return "wake";
        case Trigger::give_up: return "give_up";
        case Trigger::expire: return "expire";
        case Trigger::cancel: return "cancel";
    }
    return "unknown";
}

std::span<const Transition> transitions() {
    return table;
}

std::optional<TaskState> next_state(TaskState from, Trigger trigger) {
    const auto* const found = std::ranges::find_if(
        table, [&](const Transition& t) { return t.from == from && t.trigger == trigger; });
    if (found == table.end()) {
        return std::nullopt;
    }
    return found->to;
}

void Task::apply(Trigger trigger) {
    const std::optional<TaskState> next = next_state(state_, trigger);
    PENSTOCK_ASSERT(next.has_value());
    state_ = *next;
}

const LastRun::Words LastRun::no_words;

const Site& LastRun::site() const {
    static const Site nowhere;
    return site_ ? *site_ : nowhere;
}

const std::optional<Error>& LastRun::error() const {
    return (words_ ? *words_ : no_words).error;
}

const std::string& LastRun::progress_note() const {
    return (words_ ? *words_ : no_words).progress_note;
}

void LastRun::set_error(std::optional<Error> error) {
    if (words_ || error) {
        change_words({progress_note(), std::move(error)});
    }
}

void LastRun::set_progress_note(std::string note) {
    if (words_ || !note.empty()) {
        change_words({std::move(note), error()});
    }
}

void LastRun::change_words(Words words) {
    const bool is_empty = words.progress_note.empty() && !words.error;
    words_ = is_empty ? nullptr : std::make_unique<Words>(std::move(words));
}

const LastRun Task::never_ran;

LastRun& Task::edit_last() {
    if (!last_) {
        last_ = std::make_unique<LastRun>();
    }
    return *last_;
}

TaskOptions Task::options() const {
    TaskOptions options = terms.options();
    options.run_at = run_at;
    options.expires_at = expires_at;
    return options;
}

TaskResult Task::result() const {
    TaskResult result;
    put_result(result);
    return result;
}

void Task::put_result(TaskResult& result) const {
    const LastRun& end = last();
    result.id = id;
    result.state = state_;
    result.dead_reason = end.dead_reason;
    result.attempts = end.runs;
    result.site = end.site();
    result.thread = end.thread;
    result.run = end.run;
    result.error = end.error();
    if (end.output_expired) {
        result.error = Error{ErrorCode::result_expired,
                             "the task is completed, but its result is no longer kept"};
    }
    result.output = end.output.whole();
}

std::uint64_t Task::result_bytes() const {
    const LastRun& end = last();
    const std::size_t text_bytes = end.error() ? end.error()->message.size() : 0;
    return end.output.size_bytes() + text_bytes - std::min(text_bytes, lasting_text_bytes);
}

void Task::drop_result() {
    PENSTOCK_ASSERT(is_final(state_));
    LastRun& end = edit_last();
    end.output_expired = end.output.size_bytes() > 0;
    end.output = {};
    if (const std::optional<Error>& error = end.error()) {
        end.set_error(
            Error{error->code, std::string(beginning(error->message, lasting_text_bytes))});
    }
}

}  // namespace penstock::broker
