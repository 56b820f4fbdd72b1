// What a task was submitted with, defaults filled in, in 20 bytes: there may be millions of them.
//
// Thread rule: a value.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

#include "common/model/task.hpp"

namespace penstock::broker {

class TaskTerms {
  public:
    TaskTerms() : TaskTerms(TaskOptions{}) {}
    // Requires: durations that the protocol allows. When to start and to expire is not part of it.
    explicit TaskTerms(const TaskOptions& options)
        : max_attempts_(options.max_attempts),
          durability_(options.durability),
          notify_(options.notify) {
        set(time_limit_at, options.time_limit);
        set(backoff_base_at, options.backoff_base);
        set(backoff_max_at, options.backoff_max);
    }

    [[nodiscard]] TaskOptions options() const {
        TaskOptions options;
        options.durability = durability_;
        options.max_attempts = max_attempts_;
        options.time_limit = time_limit();
        options.backoff_base = get(backoff_base_at);
        options.backoff_max = backoff_max();
        options.notify = notify_;
        return options;
    }
    [[nodiscard]] Durability durability() const { return durability_; }
    void set_durability(Durability level) { durability_ = level; }
    [[nodiscard]] std::uint32_t max_attempts() const { return max_attempts_; }
    [[nodiscard]] std::chrono::milliseconds time_limit() const { return get(time_limit_at); }
    [[nodiscard]] std::chrono::milliseconds backoff_max() const { return get(backoff_max_at); }

  private:
    static constexpr std::size_t time_limit_at = 0;
    static constexpr std::size_t backoff_base_at = 1;
    static constexpr std::size_t backoff_max_at = 2;

    void set(std::size_t at, std::chrono::milliseconds duration) {
        low_[at] = static_cast<std::uint32_t>(duration.count());
        high_[at] = static_cast<std::uint8_t>(duration.count() >> 32U);
    }
    [[nodiscard]] std::chrono::milliseconds get(std::size_t at) const {
        return std::chrono::milliseconds((std::int64_t{high_[at]} << 32U) | low_[at]);
    }

    std::uint32_t max_attempts_;
    // Durations in milliseconds, five bytes each: 34 years, where the protocol allows ten.
    std::array<std::uint32_t, 3> low_{};
    std::array<std::uint8_t, 3> high_{};
    Durability durability_ : 7;
    bool notify_ : 1;
};
static_assert(sizeof(TaskTerms) == 20);

}  // namespace penstock::broker
