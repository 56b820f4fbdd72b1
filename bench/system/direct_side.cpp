#include "bench/system/direct_side.hpp"

#include <utility>
#include <zmq.hpp>

namespace penstock::bench {

struct DirectSide::Lines {
    void open(const std::string& endpoint) {
        zmq::socket_t& socket = sockets.emplace_back(context, zmq::socket_type::req);
        const auto patience_ms = std::chrono::milliseconds(patience).count();
        socket.set(zmq::sockopt::rcvtimeo, static_cast<int>(patience_ms));
        socket.set(zmq::sockopt::sndtimeo, static_cast<int>(patience_ms));
        socket.set(zmq::sockopt::linger, 0);
        socket.bind(endpoint);
    }

    zmq::context_t context;
    std::vector<zmq::socket_t> sockets;
};

DirectSide::DirectSide(std::unique_ptr<Lines> lines) : lines_(std::move(lines)) {}
DirectSide::~DirectSide() = default;

Result<std::unique_ptr<DirectSide>> DirectSide::start(const Folder& folder,
                                                      const std::filesystem::path& photos,
                                                      const std::filesystem::path& expected) {
    std::unique_ptr<DirectSide> side(new DirectSide(std::make_unique<Lines>()));
    for (unsigned number = 0; number < worker_processes; ++number) {
        const std::string server = folder.endpoint("resize-" + std::to_string(number) + ".sock");
        side->lines_->open(server);
        Result<process::Child> child =
            process::spawn({process::this_program,
                            {"--role", "resize", server, photos.string(), expected.string()},
                            {}});
        if (!child) {
            return tl::unexpected(child.error());
        }
        side->children_.push_back(std::move(*child));
    }
    return side;
}

Measured DirectSide::resize(Duration duration) {
    const Duration::rep question = duration.count();
    Measured measured;
    const TimePoint start = steady_now();
    for (zmq::socket_t& socket : lines_->sockets) {
        const auto sent =
            socket.send(zmq::buffer(&question, sizeof question), zmq::send_flags::none);
        measured.faults += sent ? 0U : 1U;
    }
    for (zmq::socket_t& socket : lines_->sockets) {
        zmq::message_t answer;
        if (measured.faults != 0 || !socket.recv(answer) || answer.size() != sizeof(DirectCount)) {
            ++measured.faults;
            break;
        }
        measured.answers += answer.data<DirectCount>()->right;
        measured.faults += answer.data<DirectCount>()->wrong;
    }
    measured.elapsed = steady_now() - start;
    return measured;
}

}  // namespace penstock::bench
