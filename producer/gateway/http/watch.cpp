#include "producer/gateway/http/watch.hpp"

#include <array>
#include <cstdint>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "common/model/assert.hpp"

namespace penstock::gateway::http {
namespace {

// How exact the deadlines are. A look at 4,096 connections takes a tenth of a millisecond.
constexpr int look_every_ms = 100;

}  // namespace

Watch::Watch()
    : epoll_(::epoll_create1(EPOLL_CLOEXEC)), wake_up_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    PENSTOCK_ASSERT(epoll_ >= 0 && wake_up_ >= 0);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = this;
    PENSTOCK_ASSERT(::epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_up_, &event) == 0);
    thread_ = std::thread([this] { run(); });
}

Watch::~Watch() {
    stopping_ = true;
    wake();
    thread_.join();
    ::close(epoll_);
    ::close(wake_up_);
}

void Watch::add(std::shared_ptr<Connection> connection) {
    const void* const key = connection.get();
    bool was_empty = false;
    {
        const std::lock_guard lock(mutex_);
        was_empty = connections_.empty();
        connections_.emplace(key, std::move(connection));
    }
    if (was_empty) {
        wake();
    }
}

void Watch::remove(const Connection& connection) {
    const std::lock_guard lock(mutex_);
    connections_.erase(&connection);
}

void Watch::look(const Connection& connection) {
    epoll_event event{};
    event.events = EPOLLRDHUP | EPOLLONESHOT;
    // The key only: the connection may be gone before the event is read.
    event.data.u64 = reinterpret_cast<std::uintptr_t>(&connection);
    static_cast<void>(::epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.socket(), &event));
}

void Watch::look_away(const Connection& connection) {
    static_cast<void>(::epoll_ctl(epoll_, EPOLL_CTL_DEL, connection.socket(), nullptr));
}

void Watch::for_each(const std::function<void(Connection&)>& visit) const {
    std::vector<std::shared_ptr<Connection>> present;
    {
        const std::lock_guard lock(mutex_);
        present.reserve(connections_.size());
        for (const auto& [key, connection] : connections_) {
            present.push_back(connection);
        }
    }
    for (const auto& connection : present) {
        visit(*connection);
    }
}

void Watch::wake() const {
    const std::uint64_t one = 1;
    static_cast<void>(::write(wake_up_, &one, sizeof one));
}

std::shared_ptr<Connection> Watch::find(const void* key) const {
    const std::lock_guard lock(mutex_);
    const auto found = connections_.find(key);
    return found == connections_.end() ? nullptr : found->second;
}

bool Watch::is_empty() const {
    const std::lock_guard lock(mutex_);
    return connections_.empty();
}

void Watch::stop_all() {
    const std::lock_guard lock(looking_);
    for_each([](Connection& connection) { connection.stop(); });
}

void Watch::look_at(const void* key) {
    const std::lock_guard lock(looking_);
    if (const auto connection = find(key)) {
        connection->hung_up();
    }
}

void Watch::tick_all(TimePoint now) {
    const std::lock_guard lock(looking_);
    for_each([now](Connection& connection) { connection.tick(now); });
}

void Watch::run() {
    TimePoint next_look{};
    std::array<epoll_event, 256> events{};
    while (!stopping_) {
        const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()),
                                       is_empty() ? -1 : look_every_ms);
        for (int i = 0; i < count; ++i) {
            const void* const key = events.at(static_cast<std::size_t>(i)).data.ptr;
            if (key == this) {
                std::uint64_t times = 0;
                static_cast<void>(::read(wake_up_, &times, sizeof times));
            } else {
                look_at(key);
            }
        }
        const TimePoint now = Instant::read().steady;
        if (now >= next_look) {
            tick_all(now);
            next_look = now + std::chrono::milliseconds(look_every_ms);
        }
    }
}

}  // namespace penstock::gateway::http
