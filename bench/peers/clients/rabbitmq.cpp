// RabbitMQ's producer and worker: persistent messages in a durable queue, each confirmed; results
// by direct reply-to, which is RabbitMQ's quickest way back.
//
// Usage: rabbitmq producer|worker PORT classic|quorum
#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_tcp_socket.h>
#include <set>
#include <sys/time.h>

#include "bench/peers/clients/repetition.hpp"

namespace {

using penstock::peers::Body;
using penstock::peers::give_up;
using penstock::peers::Repetition;

constexpr amqp_channel_t channel = 1;
constexpr std::uint16_t prefetched_max = 100;
constexpr int acknowledged_together = 50;

void check(amqp_connection_state_t connection, const char* what) {
    const amqp_rpc_reply_t reply = amqp_get_rpc_reply(connection);
    if (reply.reply_type != AMQP_RESPONSE_NORMAL) {
        give_up(std::string(what) + ": " + amqp_error_string2(reply.library_error));
    }
}

void check(int status, const char* what) {
    if (status != AMQP_STATUS_OK) {
        give_up(std::string(what) + ": " + amqp_error_string2(status));
    }
}

amqp_connection_state_t connect(int port) {
    constexpr int frame_bytes_max = 131072;
    amqp_connection_state_t connection = amqp_new_connection();
    amqp_socket_t* socket = amqp_tcp_socket_new(connection);
    check(amqp_socket_open(socket, "127.0.0.1", port), "connect");
    amqp_login(connection, "/", 1, frame_bytes_max, 0, AMQP_SASL_METHOD_PLAIN, "guest", "guest");
    amqp_channel_open(connection, channel);
    check(connection, "log in");
    return connection;
}

void declare(amqp_connection_state_t connection, const std::string& type) {
    amqp_table_entry_t entry;
    entry.key = amqp_cstring_bytes("x-queue-type");
    entry.value.kind = AMQP_FIELD_KIND_UTF8;
    entry.value.value.bytes = amqp_cstring_bytes(type.c_str());
    constexpr amqp_boolean_t durable = 1;
    amqp_queue_declare(connection, channel, amqp_cstring_bytes(type.c_str()), 0, durable, 0, 0,
                       {1, &entry});
    check(connection, "queue");
}

void consume(amqp_connection_state_t connection, amqp_bytes_t queue, amqp_boolean_t no_ack) {
    amqp_basic_consume(connection, channel, queue, amqp_empty_bytes, 0, no_ack, 0,
                       amqp_empty_table);
    check(connection, "consume");
}

// The tasks that RabbitMQ has not confirmed yet, by their delivery tags.
class Unconfirmed {
  public:
    void add() { tags_.insert(tags_.end(), ++last_); }
    [[nodiscard]] bool empty() const { return tags_.empty(); }

    void take(const amqp_basic_ack_t& ack) {
        const auto first = ack.multiple != 0 ? tags_.begin() : tags_.lower_bound(ack.delivery_tag);
        tags_.erase(first, tags_.upper_bound(ack.delivery_tag));
    }

  private:
    std::uint64_t last_ = 0;
    std::set<std::uint64_t> tags_;
};

class Producer {
  public:
    Producer(amqp_connection_state_t connection, const std::string& queue)
        : connection_(connection), queue_(amqp_cstring_bytes(queue.c_str())) {
        constexpr std::uint8_t persistent = 2;
        properties_._flags = AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_REPLY_TO_FLAG;
        properties_.delivery_mode = persistent;
        properties_.reply_to = amqp_cstring_bytes("amq.rabbitmq.reply-to");
        amqp_confirm_select(connection, channel);
        check(connection, "confirms");
        consume(connection, properties_.reply_to, 1);
    }

    // Over when all results and all confirms are there.
    void run(Repetition& repetition) {
        while (repetition.goes_on()) {
            while (repetition.may_send()) {
                publish(repetition.next());
            }
            take_one(repetition);
        }
        while (!unconfirmed_.empty()) {
            if (!take_one(repetition)) {
                give_up("a task was not confirmed");
            }
        }
    }

  private:
    void publish(const Body& body) {
        unconfirmed_.add();
        check(amqp_basic_publish(connection_, channel, amqp_empty_bytes, queue_, 0, 0, &properties_,
                                 {body.size(), const_cast<char*>(body.data())}),
              "publish");
    }

    // A result or a confirm. False when none comes for a while.
    bool take_one(Repetition& repetition) {
        const timeval patience{5, 0};
        amqp_envelope_t envelope;
        amqp_maybe_release_buffers(connection_);
        const amqp_rpc_reply_t reply = amqp_consume_message(connection_, &envelope, &patience, 0);
        if (reply.reply_type == AMQP_RESPONSE_NORMAL) {
            const amqp_bytes_t& body = envelope.message.body;
            repetition.take({static_cast<const char*>(body.bytes), body.len});
            amqp_destroy_envelope(&envelope);
            return true;
        }
        if (reply.library_error == AMQP_STATUS_TIMEOUT) {
            return false;
        }
        if (reply.library_error != AMQP_STATUS_UNEXPECTED_STATE) {
            give_up(amqp_error_string2(reply.library_error));
        }
        take_confirm();
        return true;
    }

    // librabbitmq leaves to us what is no delivery.
    void take_confirm() {
        amqp_frame_t frame;
        check(amqp_simple_wait_frame(connection_, &frame), "confirm");
        if (frame.frame_type != AMQP_FRAME_METHOD ||
            frame.payload.method.id != AMQP_BASIC_ACK_METHOD) {
            give_up("the server has refused a task");
        }
        unconfirmed_.take(*static_cast<amqp_basic_ack_t*>(frame.payload.method.decoded));
    }

    amqp_connection_state_t connection_;
    amqp_bytes_t queue_;
    amqp_basic_properties_t properties_{};
    Unconfirmed unconfirmed_;
};

void change(amqp_connection_state_t connection, const amqp_message_t& task) {
    std::string body(static_cast<const char*>(task.body.bytes), task.body.len);
    penstock::peers::handle(body.data(), body.size());
    const amqp_basic_properties_t properties{};
    check(amqp_basic_publish(connection, channel, amqp_empty_bytes, task.properties.reply_to, 0, 0,
                             &properties, {body.size(), body.data()}),
          "reply");
}

void work(amqp_connection_state_t connection, const std::string& queue) {
    declare(connection, queue);
    amqp_basic_qos(connection, channel, 0, prefetched_max, 0);
    consume(connection, amqp_cstring_bytes(queue.c_str()), 0);
    penstock::peers::say_ready();
    for (int unacknowledged = 0;;) {
        amqp_envelope_t envelope;
        amqp_maybe_release_buffers(connection);
        const amqp_rpc_reply_t reply = amqp_consume_message(connection, &envelope, nullptr, 0);
        if (reply.reply_type != AMQP_RESPONSE_NORMAL) {
            give_up(amqp_error_string2(reply.library_error));
        }
        change(connection, envelope.message);
        const bool has_more =
            amqp_frames_enqueued(connection) != 0 || amqp_data_in_buffer(connection) != 0;
        if (++unacknowledged == acknowledged_together || !has_more) {
            check(amqp_basic_ack(connection, channel, envelope.delivery_tag, 1), "acknowledge");
            unacknowledged = 0;
        }
        amqp_destroy_envelope(&envelope);
    }
}

}  // namespace

int main(int count, char** words) {
    if (count != 4) {
        give_up("usage: rabbitmq producer|worker PORT classic|quorum");
    }
    const std::string queue = words[3];
    amqp_connection_state_t connection = connect(std::stoi(words[2]));
    if (std::string_view(words[1]) == "worker") {
        work(connection, queue);
    }
    Producer producer(connection, queue);
    penstock::peers::repeat([&](Repetition& repetition) { producer.run(repetition); });
}
