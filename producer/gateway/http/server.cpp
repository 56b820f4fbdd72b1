#include "producer/gateway/http/server.hpp"

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <microhttpd.h>
#include <netdb.h>
#include <poll.h>
#include <thread>

#include "common/telemetry/log.hpp"
#include "producer/gateway/http/watch.hpp"

namespace penstock::gateway::http {
namespace {

// What the library itself gives up on, should the watch fail.
constexpr unsigned library_timeout_s = 900;
// They only move bytes; the work is elsewhere.
constexpr unsigned threads_min = 2;
constexpr unsigned threads_max = 4;

// What poll() passes over.
constexpr int no_descriptor = -1;

using ConnectionPtr = std::shared_ptr<Connection>;

void append(std::string& list, const char* value) {
    list += list.empty() ? "" : ", ";
    list += value;
}

MHD_Result read_header(void* target, MHD_ValueKind, const char* name, const char* text) noexcept {
    Head& head = *static_cast<Head*>(target);
    const char* const value = text == nullptr ? "" : text;
    head.is_ambiguous = head.is_ambiguous || is_ambiguous_name(name);
    if (same_word(name, "Host")) {
        ++head.hosts;
    } else if (same_word(name, "Content-Type")) {
        head.content_type = value;
    } else if (same_word(name, "Content-Length")) {
        head.content_length = value;
        ++head.content_lengths;
    } else if (same_word(name, "Content-Encoding")) {
        append(head.content_encoding, value);
    } else if (same_word(name, "Transfer-Encoding")) {
        head.transfer_encoding = value;
        ++head.transfer_encodings;
    } else if (same_word(name, "Accept")) {
        append(head.accept, value);
    } else if (same_word(name, "Prefer")) {
        append(head.prefer, value);
    } else if (same_word(name, "If-None-Match")) {
        append(head.if_none_match, value);
    } else if (same_word(name, "Expect")) {
        head.expects_continue = same_word(trimmed(value), "100-continue");
    }
    return MHD_YES;
}

// What the library tells of a connection holds until it is asked again: 1.0.1 puts every answer in
// the same place, where 0.9.75 has one for each. So these functions return copies, no `info`.
Connection& connection_of(MHD_Connection* handle) {
    const auto* info = MHD_get_connection_info(handle, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return **static_cast<ConnectionPtr*>(info->socket_context);
}

int socket_of(MHD_Connection* handle) {
    return MHD_get_connection_info(handle, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
}

std::size_t head_bytes_of(MHD_Connection* handle) {
    const auto* info = MHD_get_connection_info(handle, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    return info == nullptr ? connection_bytes : info->header_size;
}

// 0: there is no reply.
int status_of(MHD_Connection* handle) {
    const auto* info = MHD_get_connection_info(handle, MHD_CONNECTION_INFO_HTTP_STATUS);
    return info == nullptr ? 0 : static_cast<int>(info->http_status);
}

std::string remote_of(MHD_Connection* handle) {
    const auto* info = MHD_get_connection_info(handle, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    if (info == nullptr || info->client_addr == nullptr) {
        return {};
    }
    const socklen_t size =
        info->client_addr->sa_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
    std::array<char, NI_MAXHOST> host{};
    const int problem = ::getnameinfo(info->client_addr, size, host.data(), host.size(), nullptr, 0,
                                      NI_NUMERICHOST);
    return problem == 0 ? host.data() : "";
}

using Response = std::unique_ptr<MHD_Response, decltype(&MHD_destroy_response)>;

ssize_t give_nothing(void*, std::uint64_t, char*, std::size_t) noexcept {
    return MHD_CONTENT_READER_END_WITH_ERROR;
}

Response response_of(Reply& reply) {
    if (reply.known_bytes) {
        // Only its length is told; the library does not ask for the bytes.
        constexpr std::size_t block = 1'024;
        return {MHD_create_response_from_callback(*reply.known_bytes, block, &give_nothing, nullptr,
                                                  nullptr),
                &MHD_destroy_response};
    }
    if (reply.file.is_open()) {
        // The library closes the file.
        return {MHD_create_response_from_fd64(reply.file_bytes, reply.file.release()),
                &MHD_destroy_response};
    }
    return {MHD_create_response_from_buffer(reply.body.size(), reply.body.data(),
                                            MHD_RESPMEM_MUST_COPY),
            &MHD_destroy_response};
}

MHD_Result queue_reply(MHD_Connection* handle, Reply reply) {
    const auto status = static_cast<unsigned>(reply.status);
    const Response response = response_of(reply);
    if (!response) {
        return MHD_NO;
    }
    const auto add = [&response](const char* name, const std::string& value) {
        return MHD_add_response_header(response.get(), name, value.c_str()) == MHD_YES;
    };
    bool complete = add("X-Content-Type-Options", "nosniff");
    if (!reply.content_type.empty()) {
        complete = add("Content-Type", reply.content_type) && complete;
    }
    for (const auto& [name, value] : reply.headers) {
        complete = add(name.c_str(), value) && complete;
    }
    return complete ? MHD_queue_response(handle, status, response.get()) : MHD_NO;
}

void log_of_library(void*, const char* format, va_list arguments) noexcept {
    std::array<char, 256> line{};
    static_cast<void>(std::vsnprintf(line.data(), line.size(), format, arguments));
    telemetry::debug("http: {}",
                     std::string_view(line.data()).substr(0, std::strcspn(line.data(), "\n")));
}

// Escapes are ours to read: the library's reading would end the path at "%00".
std::size_t leave_escaped(void*, MHD_Connection*, char* text) noexcept {
    return std::strlen(text);
}

}  // namespace

class Server::Impl {
  public:
    Impl(const Limits& limits, Application& application)
        : limits_(limits), application_(application) {}
    ~Impl() { stop(Instant::read().steady); }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    [[nodiscard]] bool start(File listener);
    [[nodiscard]] std::size_t busy() const;
    void wait_until_idle(TimePoint deadline, int until_readable) const;
    void stop(TimePoint deadline);

  private:
    // What the library calls, with this object as its first argument.
    static void on_connection(void* self, MHD_Connection* handle, void** context,
                              MHD_ConnectionNotificationCode code) noexcept;
    static void* on_request_line(void* self, const char* target, MHD_Connection* handle) noexcept;
    static MHD_Result on_request(void* self, MHD_Connection* handle, const char* url,
                                 const char* method, const char* version, const char* bytes,
                                 std::size_t* size, void** context) noexcept;
    static void on_completed(void* self, MHD_Connection* handle, void** context,
                             MHD_RequestTerminationCode code) noexcept;

    Connection::Next begin(MHD_Connection* handle, const char* method, void*& context);

    const Limits& limits_;
    Application& application_;
    std::atomic<bool> stopping_ = false;
    Watch watch_;
    File listener_;
    MHD_Daemon* daemon_ = nullptr;
};

bool Server::Impl::start(File listener) {
    const unsigned threads =
        std::clamp(std::thread::hardware_concurrency(), threads_min, threads_max);
    const unsigned flags =
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC | MHD_USE_ERROR_LOG;
    const std::array<MHD_OptionItem, 3> functions{{
        // First, or what the library says about the others goes elsewhere.
        {MHD_OPTION_EXTERNAL_LOGGER, reinterpret_cast<intptr_t>(&log_of_library), nullptr},
        {MHD_OPTION_UNESCAPE_CALLBACK, reinterpret_cast<intptr_t>(&leave_escaped), nullptr},
        {MHD_OPTION_END, 0, nullptr},
    }};
    listener_ = std::move(listener);
    daemon_ = MHD_start_daemon(
        flags, 0, nullptr, nullptr, &Impl::on_request, this, MHD_OPTION_ARRAY, functions.data(),
        MHD_OPTION_LISTEN_SOCKET, listener_.descriptor(), MHD_OPTION_NOTIFY_CONNECTION,
        &Impl::on_connection, this, MHD_OPTION_URI_LOG_CALLBACK, &Impl::on_request_line, this,
        MHD_OPTION_NOTIFY_COMPLETED, &Impl::on_completed, this, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        connection_bytes, MHD_OPTION_CONNECTION_LIMIT, unsigned{limits_.connections_max},
        MHD_OPTION_CONNECTION_TIMEOUT, library_timeout_s, MHD_OPTION_THREAD_POOL_SIZE, threads,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
    return daemon_ != nullptr;
}

void Server::Impl::on_connection(void* self, MHD_Connection* handle, void** context,
                                 MHD_ConnectionNotificationCode code) noexcept {
    Impl& server = *static_cast<Impl*>(self);
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        auto connection =
            std::make_shared<Connection>(handle, socket_of(handle), remote_of(handle),
                                         server.limits_, server.watch_, Instant::read().steady);
        *context = new ConnectionPtr(connection);
        server.watch_.add(connection);
        if (server.stopping_) {
            connection->stop();
        }
        return;
    }
    auto* const owner = static_cast<ConnectionPtr*>(*context);
    (*owner)->closed();
    server.watch_.remove(**owner);
    delete owner;
    *context = nullptr;
}

// What it returns tells on_request that the head has not been looked at.
void* Server::Impl::on_request_line(void*, const char* target, MHD_Connection* handle) noexcept {
    connection_of(handle).request_line(target, Instant::read());
    return nullptr;
}

Connection::Next Server::Impl::begin(MHD_Connection* handle, const char* method, void*& context) {
    context = this;
    Head head;
    head.method = method;
    const int headers = MHD_get_connection_values(handle, MHD_HEADER_KIND, &read_header, &head);
    const int options = MHD_get_connection_values(handle, MHD_GET_ARGUMENT_KIND, nullptr, nullptr);
    head.fields = static_cast<std::size_t>(headers) + static_cast<std::size_t>(options);
    head.bytes = head_bytes_of(handle);
    return connection_of(handle).head(std::move(head), application_, Instant::read().steady);
}

MHD_Result Server::Impl::on_request(void* self, MHD_Connection* handle, const char*,
                                    const char* method, const char*, const char* bytes,
                                    std::size_t* size, void** context) noexcept {
    Connection& connection = connection_of(handle);
    Connection::Next next = Connection::Next::go_on;
    if (*context == nullptr) {
        next = static_cast<Impl*>(self)->begin(handle, method, *context);
    } else if (*size > 0) {
        next = connection.body(as_byte_view({bytes, *size}), Instant::read().steady);
        *size = 0;
    } else {
        next = connection.complete();
    }
    switch (next) {
        case Connection::Next::go_on: return MHD_YES;
        case Connection::Next::close: return MHD_NO;
        case Connection::Next::queue_reply: break;
    }
    return queue_reply(handle, connection.take_reply(Instant::read().steady));
}

void Server::Impl::on_completed(void* self, MHD_Connection* handle, void**,
                                MHD_RequestTerminationCode code) noexcept {
    const auto line = connection_of(handle).completed(
        status_of(handle), code == MHD_REQUEST_TERMINATED_COMPLETED_OK, Instant::read().steady);
    if (line) {
        static_cast<Impl*>(self)->application_.ended(*line);
    }
}

std::size_t Server::Impl::busy() const {
    std::size_t count = 0;
    watch_.for_each([&count](const Connection& connection) { count += connection.is_busy(); });
    return count;
}

void Server::Impl::wait_until_idle(TimePoint deadline, int until_readable) const {
    constexpr int look_every_ms = 20;
    pollfd watched{until_readable, POLLIN, 0};
    while (busy() > 0 && Instant::read().steady < deadline) {
        if (::poll(&watched, 1, look_every_ms) > 0) {
            return;
        }
    }
}

void Server::Impl::stop(TimePoint deadline) {
    if (daemon_ == nullptr) {
        return;
    }
    static_cast<void>(MHD_quiesce_daemon(daemon_));
    stopping_ = true;
    // The library ends the process if a connection is suspended when it stops.
    watch_.stop_all();
    wait_until_idle(deadline, no_descriptor);
    MHD_stop_daemon(daemon_);
    daemon_ = nullptr;
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;
Server::Server(Server&&) noexcept = default;

Result<Server> Server::start(File listener, const Limits& limits, Application& application) {
    auto impl = std::make_unique<Impl>(limits, application);
    if (!impl->start(std::move(listener))) {
        return fail(ErrorCode::unavailable, "the HTTP server does not start: too few descriptors?");
    }
    return Server(std::move(impl));
}

std::size_t Server::busy() const {
    return impl_->busy();
}

void Server::wait_until_idle(TimePoint deadline, int until_readable) const {
    impl_->wait_until_idle(deadline, until_readable);
}

void Server::stop(TimePoint deadline) {
    impl_->stop(deadline);
}

}  // namespace penstock::gateway::http
