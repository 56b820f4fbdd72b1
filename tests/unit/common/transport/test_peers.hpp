// Sockets for tests: a temporary folder for ipc, and waits that end by themselves.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "common/transport/poller.hpp"
#include "common/transport/socket.hpp"

namespace penstock::transport {

// Far longer than anything takes; reached only when a test fails.
inline constexpr std::chrono::seconds patience{20};

inline constexpr SocketLimits test_limits{.frame_max_bytes = 1 << 20};

// A folder of its own, removed at the end.
class TemporaryFolder {
  public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

[[nodiscard]] Endpoint endpoint(const std::string& text);
// Binds to a free port of the loopback, or to what is asked; returns where one can connect.
[[nodiscard]] Endpoint bound(Router& router, const std::string& text = "tcp://127.0.0.1:0");

[[nodiscard]] Frames frames_of(std::initializer_list<std::string_view> texts);
[[nodiscard]] std::string text_of(const SharedBytes& frame);

// The next message, waited for; fails the test when none comes.
[[nodiscard]] Incoming next_of(Router& router);
[[nodiscard]] Frames next_of(Dealer& dealer);
// Sends as soon as there is a connection that takes it.
void send_when_connected(Dealer& dealer, const Frames& frames);
// Sends as soon as the router has heard that the peer has read enough.
void send_when_there_is_room(Router& router, const PeerKey& peer, const Frames& frames);

}  // namespace penstock::transport
