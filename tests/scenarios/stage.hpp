// Plays the commands of one story with the real scheduler and a clock by hand.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/scenarios/command.hpp"
#include "tests/unit/broker/core/test_broker.hpp"

namespace penstock::scenarios {

class Stage {
  public:
    explicit Stage(const broker::Settings& settings) : broker_(settings) {}

    // What the command led to, a line each. Throws std::runtime_error on an unknown command.
    [[nodiscard]] std::vector<std::string> play(const Command& command);

  private:
    using SessionId = broker::SessionId;
    struct Peer {
        std::string kind;
        SessionId session = broker::no_session;
        std::uint64_t worker = 0;  // the number of a worker's id
        bool end_told = false;
    };

    void act(const Command& command);
    void enter(const Command& command);
    void act_as_producer(const Command& command, SessionId session);
    void act_as_worker(const Command& command, SessionId session);
    void submit(const Command& command, SessionId session);
    void report(const Command& command, SessionId session, std::optional<Error> error);
    void bury(const Command& command, SessionId session);
    [[nodiscard]] protocol::Join join_message(const Command& command);
    [[nodiscard]] protocol::Query query(const Command& command) const;

    void remember_leases(const protocol::Message& message);
    [[nodiscard]] std::vector<Lease> leases(std::string_view names) const;
    [[nodiscard]] std::vector<std::string> what_happened();

    broker::test::TestBroker broker_;
    std::map<std::string, Peer> peers_;
    std::map<std::pair<std::uint64_t, std::uint32_t>, Lease> leases_;  // by task and attempt
    SessionId last_session_ = 0;
    std::uint64_t last_worker_ = 0;
    std::uint64_t obituaries_ = 0;
};

}  // namespace penstock::scenarios
