#include "worker/shell/run_task.hpp"

#include <new>
#include <stdexcept>

#include "common/protocol/value.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/worker/handlers/fake_context.hpp"

namespace penstock::worker {
namespace {

Work work_of(const std::string& type, const Value& args, const std::string& payload = "") {
    Work work;
    work.type = type;
    work.body = {msgpack_from_value(args), SharedBytes::copy_of(payload)};
    return work;
}

Result<Output> echo(const Input& input, Context& /*context*/) {
    return Output{.value = input.args, .payload = SharedBytes::copy_of(input.payload)};
}
Result<Output> nothing(const Input& /*input*/, Context& /*context*/) {
    return Output{};
}
Result<Output> throws_exception(const Input& /*input*/, Context& /*context*/) {
    throw std::runtime_error("the dam broke");
}
Result<Output> throws_bad_alloc(const Input& /*input*/, Context& /*context*/) {
    throw std::bad_alloc();
}
Result<Output> throws_number(const Input& /*input*/, Context& /*context*/) {
    throw 7;
}
Result<Output> odd_error(const Input& /*input*/, Context& /*context*/) {
    return fail(ErrorCode::busy, "come back later");
}
Result<Output> rejects(const Input& /*input*/, Context& /*context*/) {
    return fail(ErrorCode::rejected, "never");
}

Error error_of(Handler handler) {
    FakeContext context;
    const auto result = run_handler(handler, work_of("test.type", 1), context);
    REQUIRE_FALSE(result);
    return result.error();
}

TEST_CASE("a handler gets arguments and payload, and its output travels back") {
    FakeContext context;
    const auto result = run_handler(echo, work_of("test.type", {1, 2}, "bytes"), context);
    REQUIRE(result);
    REQUIRE(value_from_msgpack(result->args.view()) == Value({1, 2}));
    REQUIRE(as_text(result->payload.view()) == "bytes");
}

TEST_CASE("no value travels as no bytes") {
    FakeContext context;
    const auto result = run_handler(nothing, work_of("test.type", 1), context);
    REQUIRE(result);
    REQUIRE(result->args.empty());
    REQUIRE(result->payload.empty());
}

TEST_CASE("arguments that are no MessagePack value are rejected") {
    FakeContext context;
    Work work = work_of("test.type", 1);
    work.body.args = SharedBytes::copy_of(std::string_view("\xC1"));
    const auto result = run_handler(echo, work, context);
    REQUIRE_FALSE(result);
    REQUIRE(result.error().code == ErrorCode::rejected);
}

TEST_CASE("an exception is a failure that names the type and the reason") {
    REQUIRE(error_of(throws_exception) ==
            Error{ErrorCode::failed, "test.type threw: the dam broke"});
    REQUIRE(error_of(throws_bad_alloc) == Error{ErrorCode::failed, "test.type ran out of memory"});
    REQUIRE(error_of(throws_number).code == ErrorCode::failed);
}

TEST_CASE("a rejection stays one, and codes that are not the handler's become failures") {
    REQUIRE(error_of(rejects) == Error{ErrorCode::rejected, "never"});
    REQUIRE(error_of(odd_error) == Error{ErrorCode::failed, "busy: come back later"});
}

TEST_CASE("a type is run by its handler of the catalog") {
    FakeContext context;
    const auto result = run_task(work_of("math.double", {1, 2, 3}), context);
    REQUIRE(result);
    REQUIRE(value_from_msgpack(result->args.view()) == Value({2, 4, 6}));
}

TEST_CASE("a type that the catalog does not list is no_handler") {
    FakeContext context;
    const auto result = run_task(work_of("no.such", 1), context);
    REQUIRE_FALSE(result);
    REQUIRE(result.error().code == ErrorCode::no_handler);
}

}  // namespace
}  // namespace penstock::worker
