#include "producer/cli/task_stream.hpp"

#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "producer/client/mailbox.hpp"

namespace penstock::cli {
namespace {

// Handed over in one go: what fits into one message.
constexpr std::size_t hand_over_max = 1024;
constexpr std::size_t hand_over_bytes = std::size_t{1} << 20U;
constexpr std::chrono::milliseconds redraw_pause{100};

struct News {
    TaskId id;
    Ending ending;
};
// Shared with the callbacks, which may outlive the stream.
using Inbox = client::Mailbox<News>;

template <typename T>
Ending ending_of(Result<T> result) {
    if (!result) {
        return std::move(result.error());
    }
    return std::move(*result);
}

class Runner {
  public:
    Runner(client::Client& client, const TaskStream& stream) : client_(client), stream_(stream) {}

    Wake run(std::optional<TimePoint> deadline, const Interrupt& interrupt) {
        std::vector<News> news;
        while (true) {
            feed();
            stream_.on_step(ended_);
            if (exhausted_ && in_flight_.empty()) {
                return Wake::news;
            }
            const bool wants_input = waits_for_input_ && has_room();
            const Wake wake =
                wait({inbox_->descriptor(), wants_input ? stream_.input_descriptor : -1, deadline,
                      redraw_pause},
                     interrupt);
            inbox_->take(news);
            for (News& one : news) {
                end(std::move(one));
            }
            if (wake != Wake::news) {
                return wake;
            }
        }
    }

  private:
    // Never waits in the client: Ctrl-C, the deadline and the bar go on while a queue is full.
    [[nodiscard]] bool has_room() const {
        return in_flight_.size() < stream_.in_flight_max && !client_.is_full();
    }

    void feed() {
        waits_for_input_ = false;
        std::vector<client::NewTask> tasks;
        std::size_t bytes = 0;
        while (!exhausted_ && !waits_for_input_ && has_room()) {
            Offer offer = stream_.next();
            exhausted_ = std::holds_alternative<NoneLeft>(offer);
            waits_for_input_ = std::holds_alternative<NoneYet>(offer);
            if (auto* task = std::get_if<client::NewTask>(&offer)) {
                in_flight_.emplace(task->id, next_index_++);
                bytes += task->body.size_bytes();
                tasks.push_back(std::move(*task));
            } else if (auto* error = std::get_if<Error>(&offer)) {
                ++ended_;
                stream_.on_end(next_index_++, TaskId{}, std::move(*error));
            }
            if (tasks.size() == hand_over_max || bytes >= hand_over_bytes) {
                hand_over(std::exchange(tasks, {}));
                bytes = 0;
            }
        }
        hand_over(std::move(tasks));
    }

    void hand_over(std::vector<client::NewTask> tasks) {
        if (tasks.empty()) {
            return;
        }
        const auto tell = [inbox = inbox_](const TaskId& id, auto result) {
            inbox->push({id, ending_of(std::move(result))});
        };
        if (stream_.interest == client::Interest::receipt) {
            client_.submit(stream_.submission, std::move(tasks), client::OnAccepted(tell));
            return;
        }
        client_.run(stream_.submission, std::move(tasks), client::OnFinished(tell));
    }

    void end(News news) {
        const auto position = in_flight_.find(news.id);
        if (position == in_flight_.end()) {
            return;
        }
        const std::size_t index = position->second;
        in_flight_.erase(position);
        ++ended_;
        stream_.on_end(index, news.id, std::move(news.ending));
    }

    client::Client& client_;
    const TaskStream& stream_;
    std::shared_ptr<Inbox> inbox_ = std::make_shared<Inbox>();
    std::unordered_map<TaskId, std::size_t> in_flight_;
    std::size_t next_index_ = 0;
    std::size_t ended_ = 0;
    bool exhausted_ = false;
    bool waits_for_input_ = false;
};

}  // namespace

Wake run_stream(client::Client& client, const TaskStream& stream, std::optional<TimePoint> deadline,
                const Interrupt& interrupt) {
    return Runner(client, stream).run(deadline, interrupt);
}

}  // namespace penstock::cli
