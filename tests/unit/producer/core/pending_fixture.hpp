// A small language for stories about PendingTasks.
#pragma once

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "producer/core/pending_tasks.hpp"

namespace penstock::client {

using std::chrono::milliseconds;
using std::chrono::seconds;

inline TaskId id(std::uint8_t number) {
    TaskId task;
    task.bytes.back() = number;
    return task;
}

inline std::vector<TaskId> ids(std::uint8_t first, std::uint8_t last) {
    std::vector<TaskId> all;
    for (std::uint8_t number = first; number <= last; ++number) {
        all.push_back(id(number));
    }
    return all;
}

inline TaskResult completed(std::uint8_t number) {
    TaskResult result;
    result.id = id(number);
    return result;
}

struct Story {
    explicit Story(const PendingLimits& limits = {}) : pending(limits, 1) {}

    void open_session(std::uint64_t epoch = 1) {
        terms.epoch = Epoch{epoch};
        pending.session_started(terms, now);
        advance();
    }
    void submit(std::vector<TaskId> tasks, Interest interest = Interest::result,
                const std::string& payload = "", const std::string& queue = "default") {
        std::vector<NewTask> fresh;
        for (const TaskId& task : tasks) {
            fresh.push_back({task, {{}, SharedBytes::copy_of(payload)}});
        }
        pending.submit({"math.double", queue, {}}, std::move(fresh), ++ticket, interest, now,
                       effects);
        advance();
    }
    void watch_receipts(std::vector<TaskId> tasks) {
        pending.watch_receipts(tasks, ++ticket, effects);
        advance();
    }
    void await(std::vector<TaskId> tasks) {
        pending.await(tasks, ++ticket, now);
        advance();
    }
    void receipt(std::vector<TaskId> tasks) {
        pending.receipt(tasks, Durability::memory, effects);
        advance();
    }
    void refusal(ErrorCode code, std::vector<TaskId> tasks, milliseconds retry_after = {}) {
        pending.refusal({code, "no"}, retry_after, tasks, now, effects);
        advance();
    }
    void result(std::uint8_t number) {
        pending.results({completed(number)}, effects);
        advance();
    }
    void lose_session() {
        pending.session_lost(now);
        advance();
    }
    void wait(Duration time) {
        now += time;
        advance();
    }
    void advance() { pending.advance(now, effects); }

    // What has been sent since the last look, over all messages.
    std::vector<TaskId> submitted() {
        std::vector<TaskId> all;
        for (const SubmitBatch& batch : std::exchange(effects.submits, {})) {
            for (const NewTask& task : batch.tasks) {
                all.push_back(task.id);
            }
        }
        return all;
    }
    std::vector<TaskId> awaited() {
        std::vector<TaskId> all;
        for (const std::vector<TaskId>& batch : std::exchange(effects.awaits, {})) {
            all.insert(all.end(), batch.begin(), batch.end());
        }
        std::ranges::sort(all);
        return all;
    }
    // What the application has been told since the last look.
    std::vector<Notice> told() { return std::exchange(effects.notices, {}); }
    template <typename T>
    std::vector<TaskId> told() {
        std::vector<TaskId> all;
        for (const Notice& notice : told()) {
            if (std::holds_alternative<T>(notice.what)) {
                all.push_back(notice.id);
            }
        }
        return all;
    }
    // The code of the one error that has been told.
    ErrorCode told_error() {
        const std::vector<Notice> notices = told();
        return notices.size() == 1 ? std::get<Error>(notices.front().what).code
                                   : ErrorCode::internal;
    }

    PendingTasks pending;
    PendingEffects effects;
    BrokerTerms terms;
    TimePoint now{std::chrono::hours(1)};
    Ticket ticket = 0;
};

}  // namespace penstock::client
