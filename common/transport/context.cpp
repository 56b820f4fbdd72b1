#include <cstdlib>
#include <stdexcept>
#include <string>
#include <sys/random.h>

#include "common/transport/implementations.hpp"

namespace penstock::transport {
namespace {

// More sockets than a process of ours ever has: two per thread and a few.
constexpr int sockets_max = 4096;

// libzmq draws the start of its automatic routing ids from rand(). Unseeded, they are the same in
// every process, and a peer that guesses one can abort a ROUTER (libzmq 4.3.4 and 4.3.5).
void seed_generator() {
    unsigned int seed = 0;
    if (::getrandom(&seed, sizeof seed, 0) != sizeof seed) {
        throw std::runtime_error("the kernel gives no random bytes; refusing to start without");
    }
    std::srand(seed);
}

}  // namespace

Context::Context() {
    seed_generator();
    impl_ = std::make_unique<Impl>();
    impl_->context.set(zmq::ctxopt::max_sockets, sockets_max);
    impl_->context.set(zmq::ctxopt::blocky, 0);
}

Context::~Context() = default;

std::string library_version() {
    const auto [major, minor, patch] = zmq::version();
    return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

}  // namespace penstock::transport
