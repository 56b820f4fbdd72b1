#include "worker/shell/run_task.hpp"

#include <new>
#include <stdexcept>
#include <utility>

#include "common/protocol/value.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/worker/sdk/fake_context.hpp"

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

// A handler that gives the value that `make` makes.
template <Value (*make)()>
Result<Output> gives(const Input& /*input*/, Context& /*context*/) {
    return Output{.value = make(), .payload = {}};
}

// `depth` arrays, one in the other.
template <int depth>
Value nested() {
    Value value = Value::array();
    for (int i = 1; i < depth; ++i) {
        Value outer = Value::array();
        outer.push_back(std::move(value));
        value = std::move(outer);
    }
    return value;
}
Value latin_text() {
    return {{"name", "Gr\xFC\xDF"}};
}
Value latin_key() {
    return Value::array({{{"Gr\xFC\xDF", 1}}});
}
// As many values as are allowed, the outermost and the keys among them, and `more`.
template <std::size_t more>
Value many() {
    return {{"numbers", Value::array_t(value_count_max - 3 + more, 7)}};
}
Value bytes_and_text() {
    return {Value::binary({0xFC, 0xDF}), "Grüße \U0001F600", nullptr, true, -1, 1.5};
}

std::string refusal_of(Handler handler) {
    FakeContext context;
    const auto result = run_handler(handler, work_of("test.type", 1), context);
    REQUIRE_FALSE(result);
    CHECK(result.error().code == ErrorCode::rejected);
    return result.error().message;
}

bool is_readable_of(Handler handler) {
    FakeContext context;
    const auto result = run_handler(handler, work_of("test.type", 1), context);
    return result && value_from_msgpack(result->args.view()).has_value();
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

TEST_CASE("a result that is nested too deep to be read is rejected, and says so") {
    CHECK(is_readable_of(gives<nested<value_depth_max>>));
    CHECK(refusal_of(gives<nested<value_depth_max + 1>>) ==
          "the handler's result could not be read by anyone: it is nested deeper than 64 levels");
    CHECK(refusal_of(gives<nested<5000>>).find("deeper") != std::string::npos);
}

TEST_CASE("a result with text that is not UTF-8 is rejected, and says so") {
    CHECK(is_readable_of(gives<bytes_and_text>));
    CHECK(refusal_of(gives<latin_text>).find("not UTF-8") != std::string::npos);
    CHECK(refusal_of(gives<latin_key>).find("not UTF-8") != std::string::npos);
}

TEST_CASE("a result of more values than can be read is rejected, and says so") {
    CHECK(is_readable_of(gives<many<0>>));
    CHECK(refusal_of(gives<many<1>>).find("more than 2097152 values") != std::string::npos);
}

TEST_CASE("a type is run by its handler of the catalog") {
    FakeContext context;
    const Catalog catalog = Catalog::of({{"test.echo", SlotClass::cpu, echo}}).value();
    const auto result = run_task(catalog, work_of("test.echo", {1, 2, 3}), context);
    REQUIRE(result);
    REQUIRE(value_from_msgpack(result->args.view()) == Value({1, 2, 3}));
}

TEST_CASE("a type that the catalog does not list is no_handler") {
    FakeContext context;
    const Catalog catalog = Catalog::of({{"test.echo", SlotClass::cpu, echo}}).value();
    const auto result = run_task(catalog, work_of("no.such", 1), context);
    REQUIRE_FALSE(result);
    REQUIRE(result.error().code == ErrorCode::no_handler);
}

}  // namespace
}  // namespace penstock::worker
