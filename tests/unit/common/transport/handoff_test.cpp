#include "common/transport/handoff.hpp"

#include <atomic>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/transport/poller.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/common/transport/test_peers.hpp"

namespace penstock::transport {
namespace {

struct Parcel {
    int number = 0;
    std::string text;
};

// Counts the living ones.
struct Counted {
    explicit Counted(std::atomic<int>& living) : living_(living) { ++living_; }
    ~Counted() { --living_; }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;

  private:
    std::atomic<int>& living_;
};

TEST_CASE("objects arrive in order in another thread, with all that was written into them") {
    constexpr int parcels = 10'000;
    Context context;
    HandoffReceiver<Parcel> receiver(context, "there");
    std::vector<Parcel> received;
    std::thread thread([&] {
        while (std::unique_ptr<Parcel> parcel = receiver.wait()) {
            received.push_back(std::move(*parcel));
        }
    });
    HandoffSender<Parcel> sender(context, "there");
    for (int number = 0; number < parcels; ++number) {
        sender.send(std::make_unique<Parcel>(Parcel{number, "text " + std::to_string(number)}));
    }
    sender.send(nullptr);
    thread.join();
    REQUIRE(received.size() == parcels);
    for (int number = 0; number < parcels; ++number) {
        const Parcel& parcel = received[static_cast<std::size_t>(number)];
        REQUIRE(parcel.number == number);
        REQUIRE(parcel.text == "text " + std::to_string(number));
    }
}

TEST_CASE("an object can go there and back between two threads") {
    constexpr int rounds = 1000;
    Context context;
    HandoffReceiver<Parcel> here(context, "here");
    HandoffReceiver<Parcel> there(context, "there");
    std::thread thread([&] {
        HandoffSender<Parcel> back(context, "here");
        while (std::unique_ptr<Parcel> parcel = there.wait()) {
            parcel->text += "x";
            back.send(std::move(parcel));
        }
    });
    HandoffSender<Parcel> away(context, "there");
    auto parcel = std::make_unique<Parcel>();
    for (int round = 0; round < rounds; ++round) {
        away.send(std::move(parcel));
        parcel = here.wait();
        REQUIRE(parcel);
    }
    away.send(nullptr);
    thread.join();
    CHECK(parcel->text.size() == rounds);
}

TEST_CASE("several threads can send to one that also waits for sockets") {
    constexpr int senders = 4;
    constexpr int each = 500;
    Context context;
    Router router(context, test_limits);
    HandoffReceiver<Parcel> receiver(context, "many");
    std::vector<std::thread> threads;
    for (int sender = 0; sender < senders; ++sender) {
        threads.emplace_back([&context, sender] {
            HandoffSender<Parcel> to_receiver(context, "many");
            for (int i = 0; i < each; ++i) {
                to_receiver.send(std::make_unique<Parcel>(Parcel{sender, {}}));
            }
        });
    }
    Poller poller;
    poller.watch(router);
    const std::size_t index = poller.watch(receiver);
    std::vector<int> counts(senders);
    for (int left = senders * each; left > 0;) {
        poller.wait(patience);
        REQUIRE(poller.ready(index));
        while (const std::unique_ptr<Parcel> parcel = receiver.receive()) {
            ++counts[static_cast<std::size_t>(parcel->number)];
            --left;
        }
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    CHECK(counts == std::vector<int>(senders, each));
}

TEST_CASE("what is never received is destroyed with the receiver") {
    std::atomic<int> living = 0;
    Context context;
    {
        HandoffReceiver<Counted> receiver(context, "lost");
        HandoffSender<Counted> sender(context, "lost");
        sender.send(std::make_unique<Counted>(living));
        sender.send(nullptr);
        sender.send(std::make_unique<Counted>(living));
        CHECK(living == 2);
    }
    CHECK(living == 0);
}

TEST_CASE("a moved receiver goes on receiving") {
    Context context;
    HandoffReceiver<int> first(context, "moved");
    HandoffSender<int> sender(context, "moved");
    sender.send(std::make_unique<int>(7));
    HandoffReceiver<int> second(std::move(first));
    const std::unique_ptr<int> number = second.wait();
    REQUIRE(number);
    CHECK(*number == 7);
    CHECK_FALSE(second.receive());
}

TEST_CASE("the end of the context ends the waits of other threads") {
    auto context = std::make_unique<Context>();
    auto receiver = std::make_unique<HandoffReceiver<int>>(*context, "end");
    bool ended_with_null = false;
    std::thread thread([&] {
        ended_with_null = receiver->wait() == nullptr;
        receiver.reset();
    });
    context.reset();
    thread.join();
    CHECK(ended_with_null);
}

TEST_CASE("bytes that were shared with ZeroMQ's thread come back to any thread") {
    constexpr int rounds = 200;
    Context context;
    Router router(context, test_limits);
    Dealer dealer(context, bound(router), test_limits);
    HandoffReceiver<SharedBytes> receiver(context, "bytes");
    std::size_t received_bytes = 0;
    std::thread thread([&] {
        while (const std::unique_ptr<SharedBytes> bytes = receiver.wait()) {
            received_bytes += static_cast<std::size_t>(bytes->view().back() == std::byte{'z'});
        }
    });
    HandoffSender<SharedBytes> sender(context, "bytes");
    for (int round = 0; round < rounds; ++round) {
        send_when_connected(dealer, frames_of({std::string(std::size_t{20} << 10U, 'z')}));
        sender.send(std::make_unique<SharedBytes>(next_of(router).frames.at(0)));
    }
    sender.send(nullptr);
    thread.join();
    CHECK(received_bytes == rounds);
}

}  // namespace
}  // namespace penstock::transport
