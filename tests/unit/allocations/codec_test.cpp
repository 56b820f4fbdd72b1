// A message of a thousand tasks costs as many allocations as one of ten.
#include "common/protocol/codec.hpp"

#include <string>
#include <utility>

#include "tests/support/catch.hpp"
#include "tests/unit/allocations/count.hpp"

namespace penstock::test {
namespace {

const Body& some_body() {
    static const Body body{SharedBytes::copy_of(std::string(10, 'a')),
                           SharedBytes::copy_of(std::string(100, 'b'))};
    return body;
}

Lease some_lease(std::size_t n) {
    return {make_task_id(1'700'000'000'000, 0, n), Epoch{7}, 1, n};
}

protocol::Message submit(std::size_t count) {
    protocol::Submit message{"test.echo", "default", {}, {}};
    for (std::size_t n = 0; n < count; ++n) {
        message.tasks.push_back({some_lease(n).task, some_body()});
    }
    return message;
}

protocol::Message dispatch(std::size_t count) {
    protocol::DispatchGroup group{"test.echo", "default", {}, {}};
    for (std::size_t n = 0; n < count; ++n) {
        group.tasks.push_back({some_lease(n), some_body()});
    }
    return protocol::Dispatch{Epoch{7}, {std::move(group)}};
}

protocol::Message outcomes(std::size_t count) {
    protocol::OutcomeBatch message{Epoch{7}, {}};
    for (std::size_t n = 0; n < count; ++n) {
        message.outcomes.push_back(
            {some_lease(n), 0, std::chrono::microseconds(5), {}, some_body()});
    }
    return message;
}

protocol::Message results(std::size_t count) {
    protocol::ResultBatch message;
    for (std::size_t n = 0; n < count; ++n) {
        TaskResult& result = message.results.emplace_back();
        result.id = some_lease(n).task;
        result.site = {"host", 1, 0};
        result.output = some_body();
    }
    return message;
}

protocol::Message receipt(std::size_t count) {
    protocol::Receipt message{Durability::disk, {}};
    for (std::size_t n = 0; n < count; ++n) {
        message.ids.push_back(some_lease(n).task);
    }
    return message;
}

using Make = protocol::Message (*)(std::size_t);
constexpr Make all_kinds[] = {submit, dispatch, outcomes, results, receipt};

std::uint64_t of_encoding(const protocol::Message& message) {
    return allocations_of([&] { static_cast<void>(protocol::encode(message)); });
}

std::uint64_t of_decoding(const protocol::Message& message) {
    const protocol::Frames frames = protocol::encode(message);
    const protocol::Limits limits;
    bool is_read = false;
    const std::uint64_t count =
        allocations_of([&] { is_read = protocol::decode(frames, limits).has_value(); });
    CHECK(is_read);
    return count;
}

}  // namespace

TEST_CASE("Decoding allocates for a message, and nothing for each of its tasks") {
    for (const Make make : all_kinds) {
        const protocol::Message many = make(1'000);
        INFO(protocol::name(protocol::kind_of(many)));
        CHECK(of_decoding(many) == of_decoding(make(10)));
        CHECK(of_decoding(many) <= 6);
    }
}

TEST_CASE("Encoding allocates for a message, and nothing for each of its tasks") {
    for (const Make make : all_kinds) {
        const protocol::Message many = make(1'000);
        INFO(protocol::name(protocol::kind_of(many)));
        // Of a receipt, whose size is not reckoned beforehand, the buffer grows once.
        CHECK(of_encoding(many) <= of_encoding(make(10)) + 1);
        CHECK(of_encoding(many) <= 4);
    }
}

}  // namespace penstock::test
