// The limit of the message workloads: ZeroMQ and nothing else.
#include <thread>
#include <zmq.hpp>

#include "bench/system/roles.hpp"

namespace penstock::bench {
namespace {

// As many as are taken from one socket before the other one has its turn.
constexpr int turn_max = 256;

zmq::socket_t open(zmq::context_t& context, zmq::socket_type type) {
    zmq::socket_t socket(context, type);
    // A ROUTER drops what does not fit; the window is what bounds the queues here.
    socket.set(zmq::sockopt::sndhwm, 0);
    socket.set(zmq::sockopt::rcvhwm, 0);
    return socket;
}

// Moves one message, all its parts. False when none waits.
bool pass(zmq::socket_t& from, zmq::socket_t& to, zmq::recv_flags flags) {
    zmq::message_t part;
    if (!from.recv(part, flags)) {
        return false;
    }
    while (part.more()) {
        to.send(part, zmq::send_flags::sndmore);
        static_cast<void>(from.recv(part));
    }
    to.send(part, zmq::send_flags::none);
    return true;
}

void pass_what_waits(zmq::socket_t& from, zmq::socket_t& to) {
    for (int count = 0; count < turn_max && pass(from, to, zmq::recv_flags::dontwait); ++count) {
    }
}

// The second thread: sends back what it gets. An empty body asks for the number of the process.
[[noreturn]] void answer(zmq::context_t& context, const std::string& number) {
    zmq::socket_t work = open(context, zmq::socket_type::pull);
    zmq::socket_t done = open(context, zmq::socket_type::push);
    work.bind("inproc://work");
    done.connect("inproc://done");
    for (;;) {
        zmq::message_t part;
        static_cast<void>(work.recv(part));
        while (part.more()) {
            done.send(part, zmq::send_flags::sndmore);
            static_cast<void>(work.recv(part));
        }
        if (part.size() == 0) {
            part.rebuild(number.data(), number.size());
        }
        done.send(part, zmq::send_flags::none);
    }
}

}  // namespace

void run_proxy(const std::string& frontend, const std::string& backend) {
    zmq::context_t context;
    zmq::socket_t router = open(context, zmq::socket_type::router);
    zmq::socket_t dealer = open(context, zmq::socket_type::dealer);
    dealer.bind(backend);
    router.bind(frontend);
    for (;;) {
        zmq::proxy(router, dealer);
    }
}

void run_echo(const std::string& backend, const std::string& number) {
    zmq::context_t context;
    zmq::socket_t proxy = open(context, zmq::socket_type::dealer);
    zmq::socket_t work = open(context, zmq::socket_type::push);
    zmq::socket_t done = open(context, zmq::socket_type::pull);
    done.bind("inproc://done");
    work.connect("inproc://work");
    proxy.connect(backend);
    std::thread([&] { answer(context, number); }).detach();
    for (;;) {
        zmq::pollitem_t items[] = {{proxy.handle(), 0, ZMQ_POLLIN, 0},
                                   {done.handle(), 0, ZMQ_POLLIN, 0}};
        zmq::poll(items, 2, std::chrono::milliseconds(-1));
        pass_what_waits(proxy, work);
        pass_what_waits(done, proxy);
    }
}

}  // namespace penstock::bench
