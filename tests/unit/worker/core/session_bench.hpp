// A session on a bench: the test plays broker, slots and clock.
#pragma once

#include <utility>
#include <variant>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/unit/worker/core/leases.hpp"
#include "worker/core/session.hpp"

namespace penstock::worker {

inline SessionSettings bench_settings() {
    SessionSettings settings;
    settings.worker.bytes[0] = 7;
    settings.site = {"host", 42, 0};
    settings.slots = {1, 1};
    settings.types = {{"math.double", SlotClass::cpu}, {"math.sleep", SlotClass::wait}};
    settings.queues = {"default"};
    settings.labels = {"zone=b"};
    settings.batches = wire_limits;
    return settings;
}

class SessionBench {
  public:
    explicit SessionBench(const SessionSettings& settings = bench_settings()) : session(settings) {}

    // Runs the session until it wants nothing more; effects add up in `effects`.
    void settle() {
        for (;;) {
            std::vector<Effect> more = session.take_effects(now);
            if (more.empty()) {
                return;
            }
            for (Effect& effect : more) {
                effects.push_back(std::move(effect));
            }
        }
    }
    void receive(protocol::Message message) {
        session.receive(std::move(message), now);
        settle();
    }
    void tick(Duration later = Duration::zero()) {
        now += later;
        session.tick(now);
        settle();
    }
    void serve(std::uint64_t epoch = 1) {
        tick();
        receive(welcome(epoch));
        effects.clear();
    }
    static protocol::Welcome welcome(std::uint64_t epoch) {
        return {{epoch}, "test", std::chrono::seconds(1), std::chrono::seconds(6), 1'000, 1'024};
    }
    void dispatch(const std::vector<std::uint8_t>& numbers, const std::string& type,
                  std::chrono::milliseconds time_limit = std::chrono::seconds(600)) {
        protocol::DispatchGroup group{type, "default", time_limit, {}};
        for (const std::uint8_t number : numbers) {
            group.tasks.push_back({lease(number, session.epoch().value), {}});
        }
        receive(protocol::Dispatch{session.epoch(), {group}});
    }
    void finish(SlotIndex slot, const Lease& ended, std::optional<Error> error = {},
                std::size_t payload_bytes = 0) {
        const std::string payload(payload_bytes, 'x');
        session.finished(
            slot, {ended, slot, {}, std::move(error), {{}, SharedBytes::copy_of(payload)}}, now);
        settle();
    }
    void give_back(SlotIndex slot, const Lease& back) {
        session.taken_back(slot, {back, "math.double", {}, {}}, now);
        settle();
    }

    // The effects of one kind so far, taken out of the list.
    template <typename Kind>
    std::vector<Kind> take() {
        std::vector<Kind> found;
        std::vector<Effect> rest;
        for (Effect& effect : effects) {
            if (auto* match = std::get_if<Kind>(&effect)) {
                found.push_back(std::move(*match));
            } else {
                rest.push_back(std::move(effect));
            }
        }
        effects = std::move(rest);
        return found;
    }
    // The messages of one kind sent so far, taken out of the list.
    template <typename Kind>
    std::vector<Kind> take_sent() {
        std::vector<Kind> found;
        std::vector<Effect> rest;
        for (Effect& effect : effects) {
            auto* send = std::get_if<Send>(&effect);
            auto* match = send == nullptr ? nullptr : std::get_if<Kind>(&send->message);
            if (match != nullptr) {
                found.push_back(std::move(*match));
            } else {
                rest.push_back(std::move(effect));
            }
        }
        effects = std::move(rest);
        return found;
    }

    Session session;
    TimePoint now{std::chrono::seconds(100)};
    std::vector<Effect> effects;
};

}  // namespace penstock::worker
