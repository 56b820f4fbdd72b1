#include "bench/system/payload_side.hpp"

#include <algorithm>
#include <cstring>
#include <random>
#include <utility>

#include "bench/system/window.hpp"
#include "common/protocol/value.hpp"

namespace penstock::bench {
namespace {

constexpr std::size_t source_bytes = std::size_t{256} << 20U;

std::uint64_t sum_of(ByteView bytes) {
    std::uint64_t sum = 0;
    for (std::size_t at = 0; at < bytes.size(); at += sizeof sum) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes.data() + at, sizeof word);
        sum += word;
    }
    return sum;
}

// The first word of a payload is the number of its task.
struct Marked {
    SharedBytes payload;
    std::uint64_t sum = 0;
};

Marked mark(client::PayloadBuffer buffer, const PayloadSource::Payload& source,
            std::uint64_t number) {
    std::memcpy(buffer.bytes().data(), source.bytes.data(), source.bytes.size());
    std::uint64_t before = 0;
    std::memcpy(&before, source.bytes.data(), sizeof before);
    std::memcpy(buffer.bytes().data(), &number, sizeof number);
    return {std::move(buffer).seal(), source.sum - before + number};
}

bool has_sum(const Result<TaskResult>& end, std::uint64_t expected) {
    if (!end || end->state != TaskState::completed) {
        return false;
    }
    const Result<Value> value = value_from_msgpack(end->output.args.view());
    return value && value->is_object() && value->value("sum", std::uint64_t{0}) == expected;
}

}  // namespace

PayloadSource::PayloadSource(std::size_t payload_bytes) {
    const std::size_t count = std::max<std::size_t>(source_bytes / payload_bytes, 2);
    bytes_.resize(count * payload_bytes);
    std::mt19937_64 random(payload_bytes);
    for (std::size_t at = 0; at + sizeof(std::uint64_t) <= bytes_.size();
         at += sizeof(std::uint64_t)) {
        const std::uint64_t word = random();
        std::memcpy(bytes_.data() + at, &word, sizeof word);
    }
    for (std::size_t number = 0; number < count; ++number) {
        const ByteView bytes = ByteView(bytes_).subspan(number * payload_bytes, payload_bytes);
        payloads_.push_back({bytes, sum_of(bytes)});
    }
}

Result<std::unique_ptr<PayloadSide>> PayloadSide::connect(const std::string& frontend,
                                                          bool shared_memory) {
    client::Options options;
    options.server = frontend;
    if (!shared_memory) {
        options.shm_bytes = 0;
    }
    return client::Client::create(std::move(options)).map([](client::Client client) {
        return std::unique_ptr<PayloadSide>(new PayloadSide(std::move(client)));
    });
}

Measured PayloadSide::send(const Load& load, const PayloadSource& source) {
    struct Run {
        explicit Run(std::size_t size) : window(size) {}
        Window window;
        std::uint64_t right = 0;  // of the socket thread, until the window is drained
    };
    TaskOptions options;
    options.durability = Durability::memory;
    const auto run = std::make_shared<Run>(load.window);
    std::uint64_t sent = 0;
    const TimePoint start = steady_now();
    while (steady_now() - start < load.duration &&
           run->window.take(1, 1, steady_now() + patience) == 1) {
        const PayloadSource::Payload& payload = source[sent];
        Marked marked = mark(client_.payload_buffer(payload.bytes.size()), payload, sent);
        ++sent;
        client_.run({"test.read", "default", options},
                    {{client::new_task_id(), {{}, std::move(marked.payload)}}},
                    [run, expected = marked.sum](const TaskId&, const Result<TaskResult>& end) {
                        run->right += has_sum(end, expected) ? 1U : 0U;
                        run->window.give_back();
                    });
    }
    const bool drained = run->window.drain(steady_now() + patience);
    const std::uint64_t right = drained ? run->right : 0;
    return {.answers = right,
            .faults = sent - right,
            .elapsed = steady_now() - start,
            .latencies_us = {}};
}

Measured copy_payloads(const Load& load, const PayloadSource& source) {
    std::vector<std::byte> target(load.window * source[0].bytes.size());
    std::uint64_t copied = 0;
    std::uint64_t right = 0;
    const TimePoint start = steady_now();
    while (steady_now() - start < load.duration) {
        const ByteView bytes = source[copied].bytes;
        std::byte* const place = target.data() + (copied % load.window) * bytes.size();
        std::memcpy(place, bytes.data(), bytes.size());
        // Looked at, so that the copy cannot be left out.
        right += place[bytes.size() - 1] == bytes.back() ? 1U : 0U;
        ++copied;
    }
    return {.answers = right,
            .faults = copied - right,
            .elapsed = steady_now() - start,
            .latencies_us = {}};
}

}  // namespace penstock::bench
