// An attempt without a worker around it, and a short way to run a handler in one.
#pragma once

#include <string>
#include <string_view>

#include "common/protocol/value.hpp"
#include "tests/support/catch.hpp"
#include "worker/sdk/handler.hpp"

namespace penstock::worker {

class FakeContext : public Context {
  public:
    [[nodiscard]] const TaskId& task() const override { return task_; }
    [[nodiscard]] std::uint32_t attempt() const override { return attempt_; }
    [[nodiscard]] Epoch epoch() const override { return {1}; }
    [[nodiscard]] TimePoint deadline() const override { return TimePoint::max(); }
    // Never blocks; remembers what it was asked to wait for.
    bool wait_for_cancel(Duration duration) override {
        waited += duration;
        return looks_until_cancel-- <= 0;
    }
    void progress(double /*fraction*/, std::string_view /*note*/) override {}
    void log(std::string_view /*text*/) override {}

    void set_attempt(std::uint32_t attempt) { attempt_ = attempt; }

    Duration waited{0};
    int looks_until_cancel = 1'000'000'000;

  private:
    TaskId task_;
    std::uint32_t attempt_ = 1;
};

inline Result<Output> run(Handler handler, std::string_view args_json, ByteView payload = {}) {
    FakeContext context;
    const Value args = value_from_json(args_json).value();
    return handler({args, payload}, context);
}

// The value of a run that must succeed, as JSON.
inline std::string answer(Handler handler, std::string_view args_json) {
    const Result<Output> output = run(handler, args_json);
    INFO(args_json);
    REQUIRE(output.has_value());
    return json_from_value(output->value);
}

// The message of a run that must be rejected.
inline std::string rejection(Handler handler, std::string_view args_json, ByteView payload = {}) {
    const Result<Output> output = run(handler, args_json, payload);
    INFO(args_json);
    REQUIRE_FALSE(output.has_value());
    CHECK(output.error().code == ErrorCode::rejected);
    return output.error().message;
}

}  // namespace penstock::worker
