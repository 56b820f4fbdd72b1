// The limit of the image workload: the handler called in a loop, in a process of its own.
#include <vector>
#include <zmq.hpp>

#include "bench/system/direct_side.hpp"
#include "bench/system/photos.hpp"
#include "bench/system/roles.hpp"

namespace penstock::bench {
namespace {

// Until the time is over; the photograph that is begun is finished.
DirectCount resize_for(Duration duration, const std::vector<Photo>& photos,
                       const std::vector<Photo>& expected) {
    DirectCount count;
    const TimePoint start = steady_now();
    for (std::size_t i = 0; steady_now() - start < duration; ++i) {
        const Result<SharedBytes> small = resize_directly(photos[i % photos.size()].file);
        ++(small && *small == expected[i % expected.size()].file ? count.right : count.wrong);
    }
    return count;
}

}  // namespace

int run_resize(const std::string& server, const std::string& folder,
               const std::string& expected_folder) {
    const Result<std::vector<Photo>> photos = load_photos(folder);
    const Result<std::vector<Photo>> expected = load_photos(expected_folder);
    if (!photos || !expected) {
        return 1;
    }
    zmq::context_t context;
    zmq::socket_t socket(context, zmq::socket_type::rep);
    socket.connect(server);
    for (;;) {
        zmq::message_t question;
        static_cast<void>(socket.recv(question));
        const DirectCount count =
            resize_for(Duration(*question.data<Duration::rep>()), *photos, *expected);
        socket.send(zmq::buffer(&count, sizeof count), zmq::send_flags::none);
    }
}

}  // namespace penstock::bench
