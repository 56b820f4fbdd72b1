// Large payloads on their way to a handler that reads them once, and what it takes to copy them.
//
// Thread rule: used by main(); answers are taken on the client's thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bench/system/measured.hpp"
#include "common/model/result.hpp"
#include "producer/client/client.hpp"

namespace penstock::bench {

// What is sent: more of it than any cache holds, so that every copy reads memory.
class PayloadSource {
  public:
    explicit PayloadSource(std::size_t payload_bytes);

    struct Payload {
        ByteView bytes;
        std::uint64_t sum = 0;  // as test.read counts
    };
    [[nodiscard]] const Payload& operator[](std::size_t number) const {
        return payloads_[number % payloads_.size()];
    }
    [[nodiscard]] std::size_t size() const { return payloads_.size(); }

  private:
    std::vector<std::byte> bytes_;
    std::vector<Payload> payloads_;
};

class PayloadSide {
  public:
    // A client of its own to the broker at `frontend`; with shared memory or without.
    // Errors: those of Client::create().
    [[nodiscard]] static Result<std::unique_ptr<PayloadSide>> connect(const std::string& frontend,
                                                                      bool shared_memory);

    // Sends payloads of `source` to `test.read`, each marked with its number, and holds the sums
    // that come back against what they must be.
    [[nodiscard]] Measured send(const Load& load, const PayloadSource& source);

  private:
    explicit PayloadSide(client::Client client) : client_(std::move(client)) {}

    client::Client client_;
};

// The limit: copies them, one after the other, to as many places as are on their way at once.
[[nodiscard]] Measured copy_payloads(const Load& load, const PayloadSource& source);

}  // namespace penstock::bench
